import { Widget } from '@lumino/widgets';

import type { IJobViewOptions } from '../../tokens';

/** The datasets of one job. */
export function createDataView(options: IJobViewOptions): Widget {
  return new Widget();
}
