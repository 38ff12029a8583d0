import type { IJobViewOptions } from '../../tokens';
import { LogView } from './view';

export { LogView };

/** The log of one job. */
export function createLogsView(options: IJobViewOptions): LogView {
  return new LogView(options);
}
