import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { editorPlugin } from './plugins/editor';
import { jobsPlugin } from './plugins/jobs';
import { launcherPlugin } from './plugins/launcher';
import { sidebarPlugin } from './plugins/sidebar';

export * from './tokens';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  jobsPlugin,
  editorPlugin,
  sidebarPlugin,
  launcherPlugin
];

export default plugins;
