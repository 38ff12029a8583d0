import type { TranslationBundle } from '@jupyterlab/translation';
import { expect, it } from 'vitest';

import type { Job, Wait } from '../../../tokens';
import { aJob, aWait } from '../../../model/__tests__/fakes';
import { attemptEnd, exitCode, failure } from '../ending';
import { waitWords } from '../waiting';

const trans = {
  __: (text: string, ...given: unknown[]) =>
    text.replace(/%(\d)/g, (_, at: string) => String(given[Number(at) - 1]))
} as unknown as TranslationBundle;
const NOW = Date.parse('2026-01-01T00:00:00Z');

function short(fields: Partial<Wait>, job: Job = aJob()): string {
  return waitWords(job, aWait(job.id, fields), NOW, trans).short;
}

it('says the place and the reason in short', () => {
  const { settings } = aJob();
  const wide = aJob({ settings: { ...settings, workers: 2 } });
  expect(short({ estimate: 121 })).toBe('3rd in queue · about 2 min');
  expect(short({ position: 2, hold: 'reserved' })).toBe(
    '2nd in queue · slots are kept'
  );
  expect(short({ position: 1, hold: 'slots' }, wide)).toBe(
    'next · waits for 2 slots'
  );
  expect(short({ position: 1, hold: 'starting' })).toBe('about to start');
  expect(short({ position: 4, hold: 'too_large' }, wide)).toBe(
    'too large: 2 slots'
  );
  expect([11, 12, 13, 21, 111].map(position => short({ position }))).toEqual([
    '11th in queue',
    '12th in queue',
    '13th in queue',
    '21st in queue',
    '111th in queue'
  ]);
});

it('counts down to the next attempt, and then says its place', () => {
  const job = aJob({
    attempt: 1,
    settings: {
      ...aJob().settings,
      retries: { count: 3, backoff: 10, on: [] }
    },
    not_before: '2026-01-01T00:00:25Z'
  });
  const wait = aWait(job.id, { hold: 'backoff' });
  expect(waitWords(job, wait, NOW, trans).short).toBe(
    'retry in 25 s · attempt 2 of 4'
  );
  // The sentence stays as it is while the seconds pass.
  expect(waitWords(job, wait, NOW + 9000, trans).full).toBe(
    waitWords(job, wait, NOW, trans).full
  );
  const due = NOW + 26_000;
  expect(waitWords(job, wait, due, trans).short).toBe('attempt 2 of 4');
  expect(waitWords(job, aWait(job.id), due, trans).short).toBe(
    '3rd in queue · attempt 2 of 4'
  );
});

it('adds the estimate to the sentence, and does without an answer', () => {
  const job = aJob();
  const wait = aWait(job.id, { estimate: 47 });
  expect(waitWords(job, wait, NOW, trans).full).toBe(
    '2 jobs are before it. It probably starts in about 45 s.'
  );
  expect(waitWords(job, undefined, NOW, trans).short).toBe('');
});

it('names how something ended, the same everywhere', () => {
  const error = { exception: null, frame: null, hint: '', message: '' };
  const ended = (code: string, exit_code: number | null) =>
    failure({ error: { ...error, code, traceback: null }, exit_code }, trans);
  expect(ended('timeout', -2)).toBe('timed out');
  expect(ended('killed_by_signal', -9)).toBe('SIGKILL');
  expect(ended('exit_code', 3)).toBe('exit code 3');
  expect(ended('supervisor_lost', null)).toBe('supervisor lost');
  expect(exitCode(-9)).toBe('-9 (SIGKILL)');
  expect(exitCode(0)).toBe('0');
  const attempt = {
    attempt: 1,
    queued_at: null,
    claimed_at: '',
    started_at: '',
    finished_at: null,
    exit_code: null,
    reason: null,
    error: null,
    log_size: null,
    cancel: null
  };
  expect(attemptEnd(attempt, trans)).toBe('starting');
});
