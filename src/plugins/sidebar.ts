import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  InputDialog,
  IThemeManager,
  Notification,
  WidgetTracker
} from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ITranslator, type TranslationBundle } from '@jupyterlab/translation';
import {
  deleteIcon,
  fastForwardIcon,
  refreshIcon,
  stopIcon
} from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { JobList } from '../model/joblist';
import {
  canStop,
  HIGHEST_PRIORITY,
  isFinal,
  LOWEST_PRIORITY
} from '../model/states';
import { IJobs, type Job } from '../tokens';
import { datachainIcon } from '../widgets/common/icons';
import { openAt } from '../widgets/editor';
import {
  askToDelete,
  JobsSidebar,
  JobWidget,
  type IJobActions
} from '../widgets/jobs';

export namespace CommandIDs {
  export const showJobs = 'datachain-jobs:show-jobs';
  export const open = 'datachain-jobs:open';
  export const openScript = 'datachain-jobs:open-script';
  export const stop = 'datachain-jobs:stop';
  export const raisePriority = 'datachain-jobs:raise-priority';
  export const lowerPriority = 'datachain-jobs:lower-priority';
  export const setPriority = 'datachain-jobs:set-priority';
  export const runAgain = 'datachain-jobs:run-again';
  export const resume = 'datachain-jobs:resume';
  export const remove = 'datachain-jobs:delete';
  export const newScript = 'datachain-jobs:new-script';
}

const JOB_ARG = {
  args: {
    type: 'object',
    properties: {
      id: {
        type: 'string',
        description: 'The id of a job; without it the one under the pointer'
      }
    }
  }
} as const;

const PRIORITY_ARGS = {
  args: {
    ...JOB_ARG.args,
    properties: {
      ...JOB_ARG.args.properties,
      priority: {
        type: 'integer',
        minimum: 1,
        maximum: 10,
        description: 'Higher ones start sooner; without it the user is asked'
      }
    }
  }
} as const;

export const sidebarPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-datachain-jobs:sidebar',
  description: 'All DataChain jobs in a side panel, and each in a tab.',
  autoStart: true,
  requires: [IJobs, ITranslator, IDocumentManager, IEditorServices],
  optional: [ILayoutRestorer, ICommandPalette, IThemeManager],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    translator: ITranslator,
    documents: IDocumentManager,
    editors: IEditorServices,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    themes: IThemeManager | null
  ): void => {
    const trans = translator.load('jupyter_datachain_jobs');
    const tracker = new WidgetTracker<JobWidget>({
      namespace: 'datachain-jobs'
    });

    const open = (id: string): void => {
      let widget = tracker.find(candidate => candidate.jobId === id);
      if (!widget) {
        // The shell owns it and disposes of it when its tab is closed.
        // eslint-disable-next-line jupyter/require-disposable-ownership
        widget = new JobWidget({
          id,
          jobs,
          translator,
          editors,
          actions,
          themeChanged: themes?.themeChanged ?? null,
          goTo: at => void openAt(documents, at),
          runAgain: job => actions.runAgain(job)
        });
        void tracker.add(widget);
        app.shell.add(widget, 'main');
      }
      app.shell.activateById(widget.id);
    };
    const actions: IJobActions & { open(job: Job): void } = {
      open: job => open(job.id),
      openScript: job =>
        void openAt(documents, { path: job.script.path, line: 1 }),
      stop: job => void told(trans, jobs.stop(job.id)),
      setPriority: (job, priority) =>
        void told(trans, jobs.setPriority(job.id, priority)),
      runAgain: (job, resume = false) =>
        void told(trans, jobs.rerun(job.id, resume)).then(again => {
          if (again) {
            open(again.id);
          }
        }),
      remove: async job => {
        const wish = await askToDelete(job, jobs.client, trans);
        if (wish) {
          const gone = await told(trans, jobs.remove(job.id, wish));
          for (const { full_name, version, why } of gone?.kept_datasets ?? []) {
            Notification.warning(
              trans.__('%1@%2 was not deleted: %3', full_name, version, why)
            );
          }
        }
      }
    };

    const sidebar = new JobsSidebar({
      jobs,
      list: new JobList(jobs),
      translator,
      actions,
      newScript: () => void app.commands.execute(CommandIDs.newScript)
    });
    app.shell.add(sidebar, 'left', { rank: 350, type: 'DataChain jobs' });
    restorer?.add(sidebar, sidebar.id);

    // A menu that closes would leave the focus nowhere.
    const { menu } = app.contextMenu;
    menu.aboutToClose.connect(() => {
      const row = app.contextMenuHitTest(node => !!node.dataset.jobId);
      if (!row || !menu.node.contains(document.activeElement)) {
        return;
      }
      if (row.isConnected) {
        row.focus({ preventScroll: true });
      } else {
        sidebar.activate();
      }
    });

    addCommands(app, trans, palette, jobs, open, actions);
    app.commands.addCommand(CommandIDs.showJobs, {
      label: trans.__('DataChain Jobs'),
      caption: trans.__('Show the list of DataChain jobs'),
      icon: datachainIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => app.shell.activateById(sidebar.id)
    });
    palette?.addItem({
      command: CommandIDs.showJobs,
      category: trans.__('DataChain')
    });
    void restorer?.restore(tracker, {
      command: CommandIDs.open,
      args: widget => ({ id: widget.jobId }),
      name: widget => widget.jobId
    });
  }
};

function addCommands(
  app: JupyterFrontEnd,
  trans: TranslationBundle,
  palette: ICommandPalette | null,
  jobs: IJobs,
  open: (id: string) => void,
  actions: IJobActions
): void {
  /** The job that a command is about: named, under the pointer, or in front. */
  const idOf = (args: ReadonlyPartialJSONObject): string | undefined => {
    if (typeof args.id === 'string') {
      return args.id;
    }
    const row = app.contextMenuHitTest(node => !!node.dataset.jobId);
    const { currentWidget } = app.shell;
    return (
      row?.dataset.jobId ??
      (currentWidget instanceof JobWidget ? currentWidget.jobId : undefined)
    );
  };
  const add = (
    id: string,
    options: {
      label: string;
      icon?: typeof stopIcon;
      /** Of a job that is stopping. */
      again?: string;
      usable?(job: Job): boolean;
      /** Whether it is not shown at all for a job that it cannot be used for. */
      hides?: boolean;
      describedBy?: typeof JOB_ARG | typeof PRIORITY_ARGS;
      act(job: Job, args: ReadonlyPartialJSONObject): void;
    }
  ): void => {
    const jobOf = (args: ReadonlyPartialJSONObject): Job | undefined => {
      const job = jobs.get(idOf(args) ?? '');
      return job && (options.usable?.(job) ?? true) ? job : undefined;
    };
    app.commands.addCommand(id, {
      label: args =>
        options.again && jobOf(args)?.state === 'CANCELING'
          ? options.again
          : options.label,
      icon: options.icon,
      describedBy: options.describedBy ?? JOB_ARG,
      isEnabled: args => jobOf(args) !== undefined,
      isVisible: args => !options.hides || jobOf(args) !== undefined,
      execute: args => {
        const job = jobOf(args);
        if (job) {
          options.act(job, args);
        }
      }
    });
    palette?.addItem({ command: id, category: trans.__('DataChain') });
  };
  // Opening needs an id only: after a reload no job was read yet.
  app.commands.addCommand(CommandIDs.open, {
    label: trans.__('Open Job'),
    icon: datachainIcon,
    describedBy: JOB_ARG,
    isEnabled: args => idOf(args) !== undefined,
    execute: args => {
      const id = idOf(args);
      if (id) {
        open(id);
      }
    }
  });
  add(CommandIDs.openScript, {
    label: trans.__('Open Script of Job'),
    act: actions.openScript
  });
  add(CommandIDs.runAgain, {
    label: trans.__('Run Job Again'),
    icon: refreshIcon,
    act: job => actions.runAgain(job)
  });
  add(CommandIDs.resume, {
    label: trans.__('Resume Job'),
    icon: fastForwardIcon,
    hides: true,
    usable: job => isFinal(job.state),
    act: job => actions.runAgain(job, true)
  });
  add(CommandIDs.stop, {
    label: trans.__('Stop Job'),
    again: trans.__('Stop Job Now'),
    icon: stopIcon,
    usable: canStop,
    act: actions.stop
  });
  const isQueued = (job: Job): boolean => job.state === 'QUEUED';
  add(CommandIDs.raisePriority, {
    label: trans.__('Raise Priority'),
    hides: true,
    usable: job => isQueued(job) && job.settings.priority < HIGHEST_PRIORITY,
    act: job => actions.setPriority(job, job.settings.priority + 1)
  });
  add(CommandIDs.lowerPriority, {
    label: trans.__('Lower Priority'),
    hides: true,
    usable: job => isQueued(job) && job.settings.priority > LOWEST_PRIORITY,
    act: job => actions.setPriority(job, job.settings.priority - 1)
  });
  add(CommandIDs.setPriority, {
    label: trans.__('Set Priority…'),
    hides: true,
    usable: isQueued,
    describedBy: PRIORITY_ARGS,
    act: (job, { priority }) =>
      typeof priority === 'number'
        ? actions.setPriority(job, priority)
        : void askPriority(job, actions, trans)
  });
  add(CommandIDs.remove, {
    label: trans.__('Delete Job'),
    icon: deleteIcon,
    usable: job => isFinal(job.state),
    act: actions.remove
  });
}

async function askPriority(
  job: Job,
  actions: IJobActions,
  trans: TranslationBundle
): Promise<void> {
  const items = Array.from(
    { length: HIGHEST_PRIORITY - LOWEST_PRIORITY + 1 },
    (_, index) => String(HIGHEST_PRIORITY - index)
  );
  const { value } = await InputDialog.getItem({
    title: trans.__('Priority of %1', job.name),
    label: trans.__('Jobs of a higher priority start sooner; 5 is usual.'),
    items,
    current: items.indexOf(String(job.settings.priority)),
    okLabel: trans.__('Set'),
    cancelLabel: trans.__('Cancel')
  });
  if (value !== null) {
    actions.setPriority(job, Number(value));
  }
}

/** A refusal is told where every JupyterLab message is. */
async function told<T>(
  trans: TranslationBundle,
  wish: Promise<T>
): Promise<T | undefined> {
  try {
    return await wish;
  } catch (error) {
    const { message, hint } = error as Error & { hint?: string };
    Notification.error(hint ? trans.__('%1 %2', message, hint) : message);
    return undefined;
  }
}
