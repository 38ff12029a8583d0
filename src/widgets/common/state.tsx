import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { elapsed, isFinal } from '../../model/states';
import type { IQueue, Job, State } from '../../tokens';
import { duration } from './format';
import { useNow } from './hooks';
import { stateIcons } from './icons';
import { attemptWords, hasAttempts, useWaitWords } from './waiting';

/** One sentence for each word, for tooltips. */
export function stateMeaning(state: State, trans: TranslationBundle): string {
  switch (state) {
    case 'CREATED':
      return trans.__('Recorded, not yet queued');
    case 'SCHEDULED':
      return trans.__('Will be queued at its time');
    case 'QUEUED':
      return trans.__('Waiting for a free worker');
    case 'INIT':
      return trans.__('The environment is being prepared');
    case 'RUNNING':
      return trans.__('The script is running');
    case 'COMPLETE':
      return trans.__('The script ended with exit code 0');
    case 'FAILED':
      return trans.__('The script failed');
    case 'CANCELING':
      return trans.__('Stop was asked for');
    case 'CANCELED':
      return trans.__('Stopped by the user');
  }
}

export interface IStateLabelProps {
  readonly state: State;
  /** What the tooltip says instead of what the state means. */
  readonly title?: string;
  readonly trans: TranslationBundle;
}

/** Icon, word and colour, always all three. */
export function StateLabel({
  state,
  title,
  trans
}: IStateLabelProps): JSX.Element {
  const Icon = stateIcons[state];
  return (
    <span
      className="jp-DataChain-state"
      data-state={state}
      title={title ?? stateMeaning(state, trans)}
    >
      <Icon.react tag="span" className="jp-DataChain-stateIcon" />
      <span className="jp-DataChain-stateWord">{state}</span>
    </span>
  );
}

export interface ISummaryProps {
  readonly job: Job | null;
  readonly queue: IQueue;
  readonly trans: TranslationBundle;
}

/**
 * The state, why it waits or which attempt it is, and the time; a screen reader
 * is told of the state only.
 */
export function Summary({ job, queue, trans }: ISummaryProps): JSX.Element {
  const waits = useWaitWords(queue, job, trans);
  const note =
    waits?.short ?? (job && hasAttempts(job) ? attemptWords(job, trans) : '');
  return (
    <div className="jp-DataChain-summary">
      <span role="status">
        {job && (
          <StateLabel state={job.state} title={waits?.full} trans={trans} />
        )}
      </span>
      {note && (
        <span className="jp-DataChain-wait" title={waits?.full ?? note}>
          {note}
        </span>
      )}
      {waits && <span className="jp-DataChain-srOnly">{waits.full}</span>}
      {job && <Elapsed job={job} trans={trans} />}
    </div>
  );
}

export interface IElapsedProps {
  readonly job: Job;
  readonly trans: TranslationBundle;
}

/** How long the user's code ran, or has been running. */
export function Elapsed({ job, trans }: IElapsedProps): JSX.Element | null {
  const now = useNow(!isFinal(job.state) && job.started_at !== null);
  const time = elapsed(job, now);
  return time === null ? null : (
    <span
      className="jp-DataChain-elapsed"
      title={
        isFinal(job.state)
          ? trans.__('How long the script ran')
          : trans.__('How long the script has been running')
      }
    >
      {duration(time)}
    </span>
  );
}
