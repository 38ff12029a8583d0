import type { TranslationBundle } from '@jupyterlab/translation';
import {
  deleteIcon,
  refreshIcon,
  stopIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import React from 'react';

import { canStop, isFinal, USUAL_PRIORITY } from '../../model/states';
import type { IQueue, Job } from '../../tokens';
import { failure } from '../common/ending';
import { moment } from '../common/format';
import { Elapsed, StateLabel } from '../common/state';
import { stopWords } from '../common/stopbutton';
import { attemptWords, hasAttempts, useWaitWords } from '../common/waiting';
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
  readonly queue: IQueue;
  readonly trans: TranslationBundle;
  readonly actions: IRowActions;
  onFocus(): void;
}

export function JobRow(props: IJobRowProps): JSX.Element {
  const { job, index, count, queue, trans, actions } = props;
  const waits = useWaitWords(queue, job, trans);
  const { priority } = job.settings;
  return (
    <div
      className={
        waits ? 'jp-DataChainJobs-row jp-mod-waiting' : 'jp-DataChainJobs-row'
      }
      role="option"
      data-job-id={job.id}
      tabIndex={props.isActive ? 0 : -1}
      aria-selected={props.isSelected}
      aria-setsize={count}
      aria-posinset={index + 1}
      aria-label={trans.__('%1, %2', job.name, job.state)}
      aria-description={waits?.full}
      style={{ top: index * ROW_HEIGHT, height: ROW_HEIGHT }}
      title={`${job.script.path}\n${new Date(job.created_at).toLocaleString()}`}
      onFocus={props.onFocus}
      onClick={() => actions.open(job)}
    >
      <div className="jp-DataChainJobs-line">
        <span className="jp-DataChainJobs-name">{job.name}</span>
        {priority !== USUAL_PRIORITY && !isFinal(job.state) && (
          <span className="jp-DataChainJobs-priority">
            {trans.__('priority %1', priority)}
          </span>
        )}
        <Elapsed job={job} trans={trans} />
      </div>
      <div className="jp-DataChainJobs-line jp-mod-second">
        <StateLabel state={job.state} title={waits?.full} trans={trans} />
        <span className="jp-DataChainJobs-note" title={waits?.full}>
          {waits?.short ?? note(job, trans)}
        </span>
        {!waits && (
          <>
            <span className="jp-DataChainJobs-owner">
              <span>{job.owner} ·</span>
            </span>
            <span className="jp-DataChainJobs-when">
              {moment(job.created_at)}
            </span>
          </>
        )}
      </div>
      <RowButtons job={job} trans={trans} actions={actions} />
    </div>
  );
}

/** What is worth knowing of a job in its state, in a word or two. */
function note(job: Job, trans: TranslationBundle): string {
  const words: string[] = [];
  if (job.state === 'FAILED') {
    words.push(failure(job, trans));
  }
  const { done, total } = job.progress ?? {};
  if (job.state === 'RUNNING' && done !== null && done !== undefined) {
    words.push(
      total ? `${Math.floor((100 * done) / total)}%` : done.toLocaleString()
    );
  }
  if (hasAttempts(job)) {
    words.push(attemptWords(job, trans));
  }
  return words.join(' · ');
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
  const stop = stopWords(job, trans);
  return (
    <div className="jp-DataChainJobs-actions" aria-hidden="true">
      {canStop(job) ? (
        button(
          stopIcon,
          job.state === 'CANCELING'
            ? trans.__('%1: %2', stop.label, stop.tooltip)
            : stop.label,
          actions.stop
        )
      ) : (
        <>
          {button(refreshIcon, trans.__('Run again'), actions.runAgain)}
          {button(deleteIcon, trans.__('Delete'), actions.remove)}
        </>
      )}
    </div>
  );
}
