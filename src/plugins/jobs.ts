import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

export const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-datachain-jobs:plugin',
  description: 'The jobs of this server, live.',
  autoStart: true,
  activate: () => undefined
};
