import { Widget } from '@lumino/widgets';

import type { IJobViewOptions } from '../../tokens';

/** The log of one job. */
export function createLogsView(options: IJobViewOptions): Widget {
  return new Widget();
}
