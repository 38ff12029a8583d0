import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  IThemeManager,
  IToolbarWidgetRegistry
} from '@jupyterlab/apputils';
import type { IDocumentWidget } from '@jupyterlab/docregistry';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator } from '@jupyterlab/translation';
import { fastForwardIcon, runIcon, stopIcon } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import type { Widget } from '@lumino/widgets';

import { canStop } from '../model/states';
import { IJobs } from '../tokens';
import {
  openAt,
  resumeButton,
  runButton,
  ScriptEditors,
  stateChip,
  stopButton,
  type ScriptEditor
} from '../widgets/editor';

const FACTORY = 'Editor';

export namespace CommandIDs {
  export const run = 'datachain-jobs:run';
  export const resumeScript = 'datachain-jobs:resume-script';
  export const stopScript = 'datachain-jobs:stop-script';
  export const togglePanel = 'datachain-jobs:toggle-panel';
  export const focusPanel = 'datachain-jobs:focus-panel';
}

const NO_ARGS = { args: { type: 'object', properties: {} } } as const;

export const editorPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-datachain-jobs:editor',
  description: 'Runs a script of the file editor as a DataChain job.',
  autoStart: true,
  requires: [IJobs, ITranslator, IDocumentManager, IToolbarWidgetRegistry],
  optional: [IStateDB, IThemeManager, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    translator: ITranslator,
    documents: IDocumentManager,
    toolbars: IToolbarWidgetRegistry,
    state: IStateDB | null,
    themes: IThemeManager | null,
    palette: ICommandPalette | null
  ): void => {
    const { contents } = app.serviceManager;
    const editors = new ScriptEditors({
      jobs,
      translator,
      state,
      themeChanged: themes?.themeChanged ?? null,
      localPath: path =>
        ['', 'RTC'].includes(contents.driveName(path))
          ? contents.localPath(path)
          : null,
      goTo: at => void openAt(documents, at)
    });
    // At once: an editor that is restored before has no panel.
    app.docRegistry.addWidgetExtension(FACTORY, editors);
    addTools(app.commands, toolbars, editors);
    addCommands(app, translator, palette, editors);
  }
};

function addTools(
  commands: CommandRegistry,
  toolbars: IToolbarWidgetRegistry,
  editors: ScriptEditors
): void {
  const tools = {
    'datachain-run': runButton,
    'datachain-resume': resumeButton,
    'datachain-stop': stopButton,
    'datachain-state': stateChip
  };
  for (const [name, make] of Object.entries(tools)) {
    toolbars.addFactory(FACTORY, name, (widget: Widget) => {
      const editor = editors.of(widget as IDocumentWidget);
      const tool = make({
        session: editor.session,
        trans: editor.trans,
        shortcut: shortcutOf(commands, CommandIDs.run),
        run: () => editor.run(),
        resume: () => editor.resume()
      });
      return editor.addTool(tool);
    });
  }
}

function shortcutOf(commands: CommandRegistry, id: string): string {
  const binding = commands.keyBindings.find(({ command }) => command === id);
  return binding ? CommandRegistry.formatKeystroke(binding.keys) : '';
}

function addCommands(
  app: JupyterFrontEnd,
  translator: ITranslator,
  palette: ICommandPalette | null,
  editors: ScriptEditors
): void {
  const trans = translator.load('jupyter_datachain_jobs');
  const current = (): ScriptEditor | null =>
    editors.find(app.shell.currentWidget);
  const add = (
    id: string,
    label: string,
    execute: (editor: ScriptEditor) => void,
    extra: Partial<CommandRegistry.ICommandOptions> = {}
  ): void => {
    app.commands.addCommand(id, {
      label,
      describedBy: NO_ARGS,
      isEnabled: () => current() !== null,
      execute: () => {
        const editor = current();
        if (editor) {
          execute(editor);
        }
      },
      ...extra
    });
    palette?.addItem({ command: id, category: trans.__('DataChain') });
  };
  add(CommandIDs.run, trans.__('Run Script as Job'), editor => editor.run(), {
    icon: runIcon
  });
  add(
    CommandIDs.resumeScript,
    trans.__('Resume Script'),
    editor => editor.resume(),
    {
      icon: fastForwardIcon,
      isEnabled: () => !!current()?.session.resumable
    }
  );
  add(
    CommandIDs.stopScript,
    trans.__('Stop Script'),
    editor => void editor.session.stop(),
    {
      label: () =>
        current()?.session.job?.state === 'CANCELING'
          ? trans.__('Stop Script Now')
          : trans.__('Stop Script'),
      icon: stopIcon,
      isEnabled: () => {
        const job = current()?.session.job;
        return !!job && canStop(job);
      }
    }
  );
  add(CommandIDs.togglePanel, trans.__('Show or Hide Job Panel'), editor =>
    editor.togglePanel()
  );
  add(CommandIDs.focusPanel, trans.__('Go to Job Panel'), editor =>
    editor.showPanel()
  );
}
