import type { IJobViewOptions } from '../../tokens';
import { AttemptsLog } from './attempts';
import { LogView } from './view';

export { LogView };

/** The log of one job, and of each of its attempts. */
export function createLogsView(options: IJobViewOptions): AttemptsLog {
  return new AttemptsLog(options);
}
