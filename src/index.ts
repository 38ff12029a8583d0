import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { plugin } from './plugins/jobs';

const plugins: JupyterFrontEndPlugin<unknown>[] = [plugin];

export default plugins;
