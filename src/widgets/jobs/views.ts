/**
 * The heavy views, each in a chunk of its own that is read when the first one
 * is shown: starting JupyterLab does not wait for them.
 */
import type { Widget } from '@lumino/widgets';

import type { IJobViewOptions } from '../../tokens';

type Create = (options: IJobViewOptions) => Widget;

export async function loadLogs(): Promise<Create> {
  return (await import('../logs')).createLogsView;
}

export async function loadData(): Promise<Create> {
  return (await import('../data')).createDataView;
}
