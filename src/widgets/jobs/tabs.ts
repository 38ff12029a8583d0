import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Signal, type ISignal } from '@lumino/signaling';
import {
  BoxLayout,
  Panel,
  StackedPanel,
  TabBar,
  Widget
} from '@lumino/widgets';

import { Attempts } from '../../model/attempts';
import { waitsForRetry } from '../../model/states';
import type {
  IJobModel,
  IJobs,
  ISourcePosition,
  Job,
  State
} from '../../tokens';
import { ErrorView } from '../common/errorview';
import { LazyView } from '../common/lazyview';
import { loadData, loadLogs } from './views';

export type TabName = 'error' | 'data' | 'logs' | 'script';

export interface IJobTabsOptions {
  readonly jobs: IJobs;
  readonly translator: ITranslator;
  readonly themeChanged: ISignal<unknown, unknown> | null;
  goTo(at: ISourcePosition): void;
  runAgain(job: Job): void;
  /** Offered while there is no job. */
  run?(): void;
}

/** What a user wants to see of a job in this state. */
function best(state: State | undefined): TabName {
  return state === 'FAILED' ? 'error' : state === 'COMPLETE' ? 'data' : 'logs';
}

/** Whether there is a failure to tell of: the job's, or that of the attempt before. */
function hasError(job: Job | null | undefined): boolean {
  return !!job && (job.state === 'FAILED' || waitsForRetry(job));
}

/**
 * The tabs of one job: logs while it runs, its data or its error at the end,
 * unless the user chose a tab by hand for this job.
 */
export class JobTabs extends Widget {
  constructor(private readonly _options: IJobTabsOptions) {
    super();
    this._trans = _options.translator.load('jupyter_datachain_jobs');
    const trans = this._trans;
    this.addClass('jp-DataChainTabs');

    this.bar = new TabBar<Widget>({
      orientation: 'horizontal',
      tabsMovable: false,
      allowDeselect: false,
      insertBehavior: 'none',
      removeBehavior: 'none'
    });
    this.bar.addClass('jp-DataChainTabs-bar');
    this.bar.contentNode.setAttribute('aria-label', trans.__('Job views'));
    this.header.addClass('jp-DataChainTabs-header');
    this.header.addWidget(this.bar);

    const action = _options.run && {
      label: trans.__('Run'),
      run: _options.run
    };
    this._data = new LazyView(
      loadData,
      {
        sentence: trans.__('Run the script to see its datasets here.'),
        action
      },
      trans
    );
    this._logs = new LazyView(
      loadLogs,
      { sentence: trans.__('Run the script to see its log here.'), action },
      trans
    );
    this.addView('data', trans.__('Data'), this._data);
    this.addView('logs', trans.__('Logs'), this._logs);
    this._select('logs');

    const layout = new BoxLayout({ direction: 'top-to-bottom', spacing: 0 });
    layout.addWidget(this.header);
    layout.addWidget(this.stack);
    BoxLayout.setStretch(this.header, 0);
    BoxLayout.setStretch(this.stack, 1);
    this.layout = layout;
    this.bar.currentChanged.connect(this._onCurrentChanged, this);
    // A click on the tab that is current already is a choice too.
    this.bar.tabActivateRequested.connect(this._onCurrentChanged, this);
  }

  readonly bar: TabBar<Widget>;
  readonly header = new Panel();
  readonly stack = new StackedPanel();

  /** The tab that the user chose by hand for this job. */
  get chosen(): TabName | null {
    return this._chosen;
  }

  set chosen(name: TabName | null) {
    this._chosen = name;
    this._show(name ?? best(this._model?.job?.state));
  }

  get current(): TabName {
    return this._nameOf(this.bar.currentTitle?.owner) ?? 'logs';
  }

  get chosenChanged(): ISignal<this, TabName | null> {
    return this._chosenChanged;
  }

  get jobId(): string | null {
    return this._model?.id ?? null;
  }

  /** Another job is shown now. */
  get jobChanged(): ISignal<this, void> {
    return this._jobChanged;
  }

  /** Takes over the model: it is disposed of with the tabs or the next job. */
  setJob(model: IJobModel | null): void {
    this._model?.changed.disconnect(this._onJobChanged, this);
    this._model?.dispose();
    this._model = model;
    this._state = model?.job?.state;
    this._chosen = null;
    const { jobs, translator, themeChanged, goTo } = this._options;
    const view = model && {
      job: model,
      client: jobs.client,
      stream: jobs.stream,
      translator,
      themeChanged,
      goTo
    };
    this._logs.setJob(view);
    this._data.setJob(view);
    this._dropError();
    model?.changed.connect(this._onJobChanged, this);
    this._show(best(this._state));
    void this._showBest();
    this._jobChanged.emit();
  }

  addView(name: TabName, label: string, view: Widget, index?: number): void {
    view.title.label = label;
    view.node.setAttribute('role', 'tabpanel');
    view.node.setAttribute('aria-label', label);
    view.hide();
    this._views.set(name, view);
    this.stack.addWidget(view);
    this._quietly(() => {
      if (index === undefined) {
        this.bar.addTab(view.title);
      } else {
        this.bar.insertTab(index, view.title);
      }
    });
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._model?.changed.disconnect(this._onJobChanged, this);
      this._model?.dispose();
      Signal.clearData(this);
      super.dispose();
    }
  }

  protected onActivateRequest(message: Message): void {
    this.bar.node
      .querySelector<HTMLElement>('[role=tab][tabindex="0"]')
      ?.focus();
  }

  private _onJobChanged(): void {
    const state = this._model?.job?.state;
    if (state !== this._state) {
      this._state = state;
      const failed = hasError(this._model?.job);
      if (!failed) {
        this._dropError();
      }
      if (!this._chosen) {
        void this._showBest();
      } else if (failed) {
        this._offerError();
      }
    }
  }

  private _show(name: TabName): void {
    if (hasError(this._model?.job)) {
      this._offerError();
    }
    this._select(this._views.has(name) ? name : 'logs');
  }

  /** A job that made no dataset ends on its log: there is nothing else to see. */
  private async _showBest(): Promise<void> {
    const model = this._model;
    const name = best(this._state);
    if (name !== 'data' || !model) {
      this._show(name);
      return;
    }
    const made = await this._options.jobs.client
      .datasets(model.id)
      .then(datasets => datasets.length > 0)
      // The data view says what is wrong.
      .catch(() => true);
    if (!this.isDisposed && model === this._model && !this._chosen) {
      this._show(made ? 'data' : 'logs');
    }
  }

  private _select(name: TabName): void {
    this._quietly(() => {
      this.bar.currentTitle = this._views.get(name)?.title ?? null;
    });
    this._sync();
  }

  private _offerError(): void {
    const model = this._model;
    const job = model?.job;
    if (model && job && (job.error || waitsForRetry(job))) {
      if (this._views.has('error')) {
        return;
      }
      const { jobs } = this._options;
      const view = new ErrorView({
        job: model,
        attempts: new Attempts(model, jobs.client),
        queue: jobs.queue,
        trans: this._trans,
        goTo: this._options.goTo,
        runAgain: this._options.runAgain
      });
      this.addView('error', this._trans.__('Error'), view, 0);
    }
  }

  private _dropError(): void {
    const view = this._views.get('error');
    this._views.delete('error');
    if (view) {
      this._quietly(() => {
        // A tab bar of its own keeps the title of a view that is gone.
        this.bar.removeTab(view.title);
        view.dispose();
      });
      this._select('logs');
    }
  }

  private _onCurrentChanged(): void {
    if (!this._quiet) {
      this._chosen = this.current;
      this._sync();
      this._chosenChanged.emit(this._chosen);
    }
  }

  /** Shows the view of the current tab, and only that. */
  private _sync(): void {
    const current = this.bar.currentTitle?.owner;
    for (const view of this._views.values()) {
      view.setHidden(view !== current);
    }
  }

  private _quietly(change: () => void): void {
    const before = this._quiet;
    this._quiet = true;
    change();
    this._quiet = before;
  }

  private _nameOf(view: Widget | undefined): TabName | null {
    for (const [name, candidate] of this._views) {
      if (candidate === view) {
        return name;
      }
    }
    return null;
  }

  private readonly _trans: TranslationBundle;
  private readonly _views = new Map<TabName, Widget>();
  private readonly _data: LazyView;
  private readonly _logs: LazyView;
  private _model: IJobModel | null = null;
  private _state: State | undefined;
  private _chosen: TabName | null = null;
  /** Whether the program, not the user, is changing the tab. */
  private _quiet = false;
  private readonly _jobChanged = new Signal<this, void>(this);
  private readonly _chosenChanged = new Signal<this, TabName | null>(this);
}
