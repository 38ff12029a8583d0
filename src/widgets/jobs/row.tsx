import type { TranslationBundle } from '@jupyterlab/translation';
import {
  deleteIcon,
  refreshIcon,
  stopIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import React from 'react';

import { canStop } from '../../model/states';
import type { Job } from '../../tokens';
import { moment } from '../common/format';
import { Elapsed, StateLabel } from '../common/state';
import type { IRowActions } from './rows';

/** Pixels; the same as in style/jobs.css. */
export const ROW_HEIGHT = 44;

export interface IJobRowProps {
  readonly job: Job;
  readonly index: number;
  /** How many rows there are, or -1 when that is not known. */
  readonly count: number;
  /** Whether it has the tab stop of the list. */
  readonly isActive: boolean;
  /** Whether the user went to it. */
  readonly isSelected: boolean;
  readonly trans: TranslationBundle;
  readonly actions: IRowActions;
  onFocus(): void;
}

export function JobRow(props: IJobRowProps): JSX.Element {
  const { job, index, count, trans, actions } = props;
  return (
    <div
      className="jp-DataChainJobs-row"
      role="option"
      data-job-id={job.id}
      tabIndex={props.isActive ? 0 : -1}
      aria-selected={props.isSelected}
      aria-setsize={count}
      aria-posinset={index + 1}
      aria-label={trans.__('%1, %2', job.name, job.state)}
      style={{ top: index * ROW_HEIGHT, height: ROW_HEIGHT }}
      title={`${job.script.path}\n${new Date(job.created_at).toLocaleString()}`}
      onFocus={props.onFocus}
      onClick={() => actions.open(job)}
    >
      <div className="jp-DataChainJobs-line">
        <span className="jp-DataChainJobs-name">{job.name}</span>
        <Elapsed job={job} trans={trans} />
      </div>
      <div className="jp-DataChainJobs-line jp-mod-second">
        <StateLabel state={job.state} trans={trans} />
        <span className="jp-DataChainJobs-note">{note(job, trans)}</span>
        <span className="jp-DataChainJobs-owner">
          <span>{job.owner} ·</span>
        </span>
        <span className="jp-DataChainJobs-when">{moment(job.created_at)}</span>
      </div>
      <RowButtons job={job} trans={trans} actions={actions} />
    </div>
  );
}

/** What is worth knowing of a job in its state, in a word or two. */
function note(job: Job, trans: TranslationBundle): string {
  if (job.state === 'FAILED') {
    return (
      job.error?.exception ??
      (job.exit_code !== null ? trans.__('exit code %1', job.exit_code) : '')
    );
  }
  const { done, total } = job.progress ?? {};
  if (job.state === 'RUNNING' && done !== null && done !== undefined) {
    return total
      ? `${Math.floor((100 * done) / total)}%`
      : done.toLocaleString();
  }
  return '';
}

interface IRowButtonsProps {
  readonly job: Job;
  readonly trans: TranslationBundle;
  readonly actions: IRowActions;
}

/** For the mouse; keys and the context menu do the same for everybody. */
function RowButtons({ job, trans, actions }: IRowButtonsProps): JSX.Element {
  const button = (
    Icon: LabIcon,
    label: string,
    act: (job: Job) => void
  ): JSX.Element => (
    <button
      className="jp-DataChainJobs-action"
      title={label}
      tabIndex={-1}
      onClick={event => {
        event.stopPropagation();
        // The button goes with the pointer; a dialog gives the focus back here.
        event.currentTarget
          .closest<HTMLElement>('[data-job-id]')
          ?.focus({ preventScroll: true });
        act(job);
      }}
    >
      <Icon.react tag="span" width="16px" height="16px" />
    </button>
  );
  return (
    <div className="jp-DataChainJobs-actions" aria-hidden="true">
      {canStop(job) ? (
        button(stopIcon, trans.__('Stop'), actions.stop)
      ) : (
        <>
          {button(refreshIcon, trans.__('Run again'), actions.runAgain)}
          {button(deleteIcon, trans.__('Delete'), actions.remove)}
        </>
      )}
    </div>
  );
}
