/** How a job or an attempt ended, in a word or two. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { signalOf } from '../../model/signals';
import type { Attempt, Job } from '../../tokens';

type Ended = Pick<Job, 'error' | 'exit_code'>;

/** Why it failed: the exception, the signal, the exit code. */
export function failure(ended: Ended, trans: TranslationBundle): string {
  const { error, exit_code: code } = ended;
  if (error?.exception) {
    return error.exception;
  }
  switch (error?.code) {
    case 'timeout':
      return trans.__('timed out');
    case 'out_of_memory':
      return trans.__('out of memory');
  }
  if (code !== null && code !== 0) {
    return signalOf(code) ?? trans.__('exit code %1', code);
  }
  return error ? error.code.replace(/_/g, ' ') : '';
}

/** `-9 (SIGKILL)`. */
export function exitCode(code: number): string {
  const signal = signalOf(code);
  return signal ? `${code} (${signal})` : String(code);
}

export function attemptEnd(attempt: Attempt, trans: TranslationBundle): string {
  if (attempt.finished_at === null) {
    return attempt.started_at ? trans.__('running') : trans.__('starting');
  }
  if (attempt.error) {
    return failure(attempt, trans);
  }
  return attempt.cancel ? trans.__('stopped') : trans.__('complete');
}
