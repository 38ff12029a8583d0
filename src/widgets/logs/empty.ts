import type { TranslationBundle } from '@jupyterlab/translation';

import type { LogModel } from '../../model/log';
import { isFinal } from '../../model/states';
import type { IJobModel } from '../../tokens';

/** What stands where no line is, in a sentence; null when there are lines. */
export function emptyWords(
  model: LogModel,
  job: IJobModel,
  trans: TranslationBundle
): string | null {
  if (model.buffer.rowCount > 0) {
    return null;
  }
  if (model.problem) {
    return `${model.problem.message} ${model.problem.hint}`.trim();
  }
  if (job.problem) {
    return job.problem.message;
  }
  const state = job.job?.state;
  if (state === undefined) {
    return trans.__('Reading the job…');
  }
  if (isFinal(state)) {
    return model.phase === 'ended' || job.job?.log_size === 0
      ? trans.__('The script printed nothing.')
      : trans.__('Reading the log…');
  }
  return state === 'RUNNING' || state === 'CANCELING'
    ? trans.__('Nothing printed yet: lines appear here as the script prints.')
    : trans.__('The log appears here when the script starts.');
}
