import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';

import { JobsClient } from '../api/client';
import { JobsSocket } from '../api/socket';
import { Jobs } from '../model/jobs';
import { IJobs } from '../tokens';

export const jobsPlugin: JupyterFrontEndPlugin<IJobs> = {
  id: 'jupyter-datachain-jobs:plugin',
  description: 'The DataChain jobs of this server, live.',
  autoStart: true,
  requires: [ITranslator],
  provides: IJobs,
  activate: (app: JupyterFrontEnd, translator: ITranslator): IJobs => {
    const trans = translator.load('jupyter_datachain_jobs');
    const settings = app.serviceManager.serverSettings;
    const client = new JobsClient(settings);
    const stream = new JobsSocket(client, settings);
    const jobs = new Jobs(client, stream);
    stream.stateChanged.connect((_, state) => {
      if (state === 'outdated') {
        Notification.warning(
          trans.__('The server was upgraded. Reload the page to see its jobs.'),
          {
            autoClose: false,
            actions: [
              {
                label: trans.__('Reload'),
                callback: () => window.location.reload()
              }
            ]
          }
        );
      }
    }, jobs);
    // JupyterLab starts without waiting for the server's answer.
    void jobs.start();
    return jobs;
  }
};
