import { MainAreaWidget } from '@jupyterlab/apputils';
import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  deleteIcon,
  fastForwardIcon,
  fileIcon,
  ReactWidget,
  refreshIcon,
  Toolbar,
  ToolbarButton
} from '@jupyterlab/ui-components';
import React from 'react';

import { Attempts } from '../../model/attempts';
import { isFinal } from '../../model/states';
import type { IJobModel, IQueue, Job } from '../../tokens';
import { useSignal } from '../common/hooks';
import { stateIcons } from '../common/icons';
import { Summary } from '../common/state';
import { StopButton } from '../common/stopbutton';
import { JobHead } from './head';
import { ScriptView } from './scriptview';
import { JobTabs, type IJobTabsOptions } from './tabs';

export interface IJobActions {
  stop(job: Job): void;
  setPriority(job: Job, priority: number): void;
  remove(job: Job): void;
  /** resume: go on from its checkpoints. */
  runAgain(job: Job, resume?: boolean): void;
  openScript(job: Job): void;
}

export interface IJobWidgetOptions extends IJobTabsOptions {
  readonly id: string;
  readonly editors: IEditorServices;
  readonly actions: IJobActions;
}

/** One job in the main area: its state, what it ran, its log, its data. */
export class JobWidget extends MainAreaWidget<JobTabs> {
  constructor(options: IJobWidgetOptions) {
    super({ content: new JobTabs(options) });
    const trans = options.translator.load('jupyter_datachain_jobs');
    this.jobId = options.id;
    this.id = `jp-DataChainJob-${options.id}`;
    this.addClass('jp-DataChainJob');
    this.title.closable = true;
    this.title.label = trans.__('Job');

    const script = new ScriptView(options.jobs, options.editors, trans);
    script.setJob(options.id);
    this.content.addView('script', trans.__('Script'), script);

    // One model for the header and one for the tabs, which own theirs.
    this._model = options.jobs.open(options.id);
    this._attempts = new Attempts(this._model, options.jobs.client);
    this._addToolbar(options, trans);
    this.contentHeader.addWidget(
      new JobHead({
        model: this._model,
        attempts: this._attempts,
        queue: options.jobs.queue,
        trans,
        setPriority: (job, priority) =>
          options.actions.setPriority(job, priority)
      })
    );
    this.content.setJob(options.jobs.open(options.id));
    this._model.changed.connect(this._onChanged, this);
    this._onChanged();
  }

  readonly jobId: string;

  dispose(): void {
    if (!this.isDisposed) {
      this._model.changed.disconnect(this._onChanged, this);
      this._attempts.dispose();
      this._model.dispose();
      super.dispose();
    }
  }

  private _addToolbar(
    { actions, jobs }: IJobWidgetOptions,
    trans: TranslationBundle
  ): void {
    const on = (act: (job: Job) => void) => () => {
      if (this._model.job) {
        act(this._model.job);
      }
    };
    const add = (
      name: string,
      options: ConstructorParameters<typeof ToolbarButton>[0],
      usable: (job: Job) => boolean
    ): void => {
      const button = new ToolbarButton({ ...options, enabled: false });
      this._buttons.push({ button, usable });
      this.toolbar.addItem(name, button);
    };
    add(
      'again',
      {
        icon: refreshIcon,
        label: trans.__('Run again'),
        tooltip: trans.__('Run the same script with the same settings'),
        onClick: on(job => actions.runAgain(job))
      },
      () => true
    );
    add(
      'resume',
      {
        icon: fastForwardIcon,
        label: trans.__('Resume'),
        tooltip: trans.__(
          'Run it again from its checkpoints: what it saved is not computed again'
        ),
        onClick: on(job => actions.runAgain(job, true))
      },
      job => isFinal(job.state)
    );
    this.toolbar.addItem(
      'stop',
      ReactWidget.create(
        <Stop model={this._model} trans={trans} onStop={on(actions.stop)} />
      )
    );
    add(
      'open',
      {
        icon: fileIcon,
        label: trans.__('Open script'),
        tooltip: trans.__('Open the file that was submitted, as it is today'),
        onClick: on(actions.openScript)
      },
      () => true
    );
    add(
      'delete',
      {
        icon: deleteIcon,
        label: trans.__('Delete'),
        tooltip: trans.__('Delete this job and its log'),
        onClick: on(actions.remove)
      },
      job => isFinal(job.state)
    );
    this.toolbar.addItem('spacer', Toolbar.createSpacerItem());
    this.toolbar.addItem(
      'state',
      ReactWidget.create(
        <State model={this._model} queue={jobs.queue} trans={trans} />
      )
    );
  }

  private _onChanged(): void {
    const { job, problem } = this._model;
    for (const { button, usable } of this._buttons) {
      button.enabled = job !== null && usable(job);
    }
    if (job) {
      this.title.label = job.name;
      this.title.caption = `${job.script.path}\n${job.state}`;
      this.title.icon = stateIcons[job.state];
      this._known = true;
    } else if (this._known && !problem) {
      // Deleted, here or in another window.
      this.dispose();
    }
  }

  private _known = false;
  private readonly _model: IJobModel;
  private readonly _attempts: Attempts;
  private readonly _buttons: {
    button: ToolbarButton;
    usable(job: Job): boolean;
  }[] = [];
}

interface IModelProps {
  readonly model: IJobModel;
  readonly trans: TranslationBundle;
}

function State({
  model,
  queue,
  trans
}: IModelProps & { queue: IQueue }): JSX.Element {
  useSignal(model.changed);
  return <Summary job={model.job} queue={queue} trans={trans} />;
}

function Stop({
  model,
  trans,
  onStop
}: IModelProps & { onStop(): void }): JSX.Element {
  useSignal(model.changed);
  return <StopButton job={model.job} trans={trans} onStop={onStop} />;
}
