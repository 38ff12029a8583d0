/** Why a job waits, in few words and in a sentence. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect } from 'react';

import {
  attemptOf,
  dueIn,
  mostAttempts,
  waitsForRetry
} from '../../model/states';
import type { IQueue, Job, Wait } from '../../tokens';
import { clock } from './format';
import { useNow, useSignal } from './hooks';

export interface IWaitWords {
  /** For a row or beside the state. */
  readonly short: string;
  /** Does not count down: a screen reader would say each second of it. */
  readonly full: string;
}

/** The words for a queued job, as long as it is shown; null for any other. */
export function useWaitWords(
  queue: IQueue,
  job: Job | null,
  trans: TranslationBundle
): IWaitWords | null {
  useSignal(queue.changed);
  const id = job?.state === 'QUEUED' ? job.id : null;
  useEffect(() => {
    const watch = id === null ? null : queue.watch(id);
    return () => watch?.dispose();
  }, [queue, id]);
  const now = useNow(job !== null && dueIn(job, Date.now()) !== null);
  return job && id !== null ? waitWords(job, queue.get(id), now, trans) : null;
}

export function waitWords(
  job: Job,
  wait: Wait | undefined,
  now: number,
  trans: TranslationBundle
): IWaitWords {
  const due = dueIn(job, now);
  if (due !== null) {
    return {
      short: `${trans.__('retry in %1', span(due / 1000, trans))} · ${attemptWords(job, trans)}`,
      full: trans.__(
        'Attempt %1 of %2 failed. The next one is due at %3.',
        job.attempt,
        mostAttempts(job),
        clock(Date.parse(job.not_before ?? ''))
      )
    };
  }
  const attempt = waitsForRetry(job) ? attemptWords(job, trans) : null;
  // Of a retry that is due the answer may be older than that.
  if (!wait || wait.hold === 'backoff') {
    return {
      short: attempt ?? '',
      full: trans.__('It waits for a free worker slot.')
    };
  }
  const estimate =
    wait.estimate !== null && wait.estimate > 0
      ? trans.__('about %1', about(wait.estimate, trans))
      : null;
  const parts = [place(wait, trans), hold(job, wait, trans)];
  if (attempt) {
    parts.push(attempt);
  } else if (estimate && parts[1] === null) {
    parts.push(estimate);
  }
  return {
    short: parts.filter(part => part !== null).join(' · '),
    full:
      estimate && wait.hold !== 'starting'
        ? `${wait.message} ${trans.__('It probably starts in %1.', estimate)}`
        : wait.message
  };
}

/** `attempt 2 of 4`: the one that a job is at, or waits for. */
export function attemptWords(job: Job, trans: TranslationBundle): string {
  return trans.__('attempt %1 of %2', attemptOf(job), mostAttempts(job));
}

/** Whether there is more than one attempt to tell of. */
export function hasAttempts(job: Job): boolean {
  return attemptOf(job) > 1;
}

function place(wait: Wait, trans: TranslationBundle): string | null {
  switch (wait.hold) {
    case 'starting':
      return trans.__('about to start');
    case 'too_large':
    case 'no_server':
      return null;
    case 'slots':
      return trans.__('next');
  }
  const n = wait.position;
  if (n === 1) {
    return trans.__('next');
  }
  const [ten, one] = [n % 100, n % 10];
  const number = n.toLocaleString();
  if (one === 1 && ten !== 11) {
    return trans.__('%1st in queue', number);
  }
  if (one === 2 && ten !== 12) {
    return trans.__('%1nd in queue', number);
  }
  return one === 3 && ten !== 13
    ? trans.__('%1rd in queue', number)
    : trans.__('%1th in queue', number);
}

function hold(job: Job, wait: Wait, trans: TranslationBundle): string | null {
  const { workers } = job.settings;
  switch (wait.hold) {
    case 'slots':
      return workers === 1
        ? trans.__('waits for a slot')
        : trans.__('waits for %1 slots', workers);
    case 'reserved':
      return trans.__('slots are kept');
    case 'owner_limit':
      return trans.__('limit per user');
    case 'too_large':
      return trans.__('too large: %1 slots', workers);
    case 'no_server':
      return trans.__('no server starts jobs');
    default:
      return null;
  }
}

/** A countdown: exact while it is short. */
export function span(seconds: number, trans: TranslationBundle): string {
  const whole = Math.max(1, Math.ceil(seconds));
  return whole < 120
    ? trans.__('%1 s', whole)
    : trans.__('%1 min', Math.ceil(whole / 60));
}

/** As coarse as it is uncertain, so that it is no countdown. */
function about(seconds: number, trans: TranslationBundle): string {
  if (seconds < 90) {
    return trans.__('%1 s', Math.max(5, Math.round(seconds / 5) * 5));
  }
  return seconds < 5400
    ? trans.__('%1 min', Math.round(seconds / 60))
    : trans.__('%1 h', (seconds / 3600).toFixed(1));
}
