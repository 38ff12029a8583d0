import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import type { Contents } from '@jupyterlab/services';
import { ITranslator } from '@jupyterlab/translation';

import { IJobs } from '../tokens';
import { datachainIcon } from '../widgets/common/icons';

export namespace CommandIDs {
  export const newScript = 'datachain-jobs:new-script';
}

export const launcherPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-datachain-jobs:launcher',
  description: 'Creates a DataChain script that runs as it is.',
  autoStart: true,
  requires: [IJobs, ITranslator, IDocumentManager],
  optional: [IDefaultFileBrowser, ILauncher, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    translator: ITranslator,
    documents: IDocumentManager,
    browser: IDefaultFileBrowser | null,
    launcher: ILauncher | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = translator.load('jupyter_datachain_jobs');
    const { contents } = app.serviceManager;
    app.commands.addCommand(CommandIDs.newScript, {
      label: args =>
        args.isPalette
          ? trans.__('New DataChain Script')
          : trans.__('DataChain Script'),
      caption: trans.__('Create a DataChain script that runs as it is'),
      icon: args => (args.isPalette ? undefined : datachainIcon),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            cwd: { type: 'string', description: 'The folder of the new file' },
            isPalette: {
              type: 'boolean',
              description: 'Whether the command is shown in the palette'
            }
          }
        }
      },
      execute: async args => {
        const folder =
          typeof args.cwd === 'string' ? args.cwd : (browser?.model.path ?? '');
        try {
          const template = await jobs.client.template();
          const path = await freePath(contents, folder, template.name);
          await contents.save(path, {
            type: 'file',
            format: 'text',
            content: template.text
          });
          return documents.openOrReveal(path);
        } catch (error) {
          Notification.error(
            trans.__(
              'The script could not be created. %1',
              (error as Error).message
            )
          );
          return undefined;
        }
      }
    });
    launcher?.add({
      command: CommandIDs.newScript,
      category: trans.__('Other'),
      rank: 4
    });
    palette?.addItem({
      command: CommandIDs.newScript,
      args: { isPalette: true },
      category: trans.__('DataChain')
    });
  }
};

/** `name.py`, or `name1.py` and so on when there is one. */
async function freePath(
  contents: Contents.IManager,
  folder: string,
  name: string
): Promise<string> {
  const listing = await contents.get(folder);
  const taken = new Set(
    (listing.content as Contents.IModel[]).map(item => item.name)
  );
  const extension = PathExt.extname(name);
  const stem = PathExt.basename(name, extension);
  let candidate = name;
  for (let number = 1; taken.has(candidate); number++) {
    candidate = `${stem}${number}${extension}`;
  }
  return folder ? PathExt.join(folder, candidate) : candidate;
}
