import type { IJobViewOptions } from '../../tokens';
import { DataView } from './view';

export { DataView };

/** The datasets of one job. */
export function createDataView(options: IJobViewOptions): DataView {
  return new DataView(options);
}
