import type { TranslationBundle } from '@jupyterlab/translation';
import { MessageLoop, type Message } from '@lumino/messaging';
import { Signal, type ISignal } from '@lumino/signaling';
import { PanelLayout, Widget } from '@lumino/widgets';

import type { ScriptSession } from '../../model/session';
import type { IJobs, Job } from '../../tokens';
import { JobTabs, type IJobTabsOptions } from '../jobs/tabs';
import { ProblemBar } from './problem';
import { panelToggle } from './toolbar';

/** Pixels; the same as --jp-datachain-bar in style/common.css. */
const BAR_HEIGHT = 28;

export interface IScriptPanelOptions extends IJobTabsOptions {
  readonly jobs: IJobs;
  readonly session: ScriptSession;
  readonly trans: TranslationBundle;
  goToLine(line: number, column: number | null): void;
}

/** The panel below a script: a bar of tabs that opens on the newest run. */
export class ScriptPanel extends Widget {
  constructor(private readonly _options: IScriptPanelOptions) {
    super();
    const { session, trans } = _options;
    this.addClass('jp-DataChainPanel');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('DataChain job'));

    this._problem = new ProblemBar({ session, trans, goTo: _options.goToLine });
    this._problem.hide();
    this.tabs = new JobTabs(_options);
    this.tabs.header.addWidget(
      panelToggle({
        trans,
        changed: this._openChanged,
        isOpen: () => this._open,
        toggle: () => this.setOpen(!this._open, true)
      })
    );
    // A tab of the closed bar opens what it names.
    this.tabs.bar.tabActivateRequested.connect(this._onTab, this);

    // A column of CSS: the problem takes the height that its text needs.
    const layout = new PanelLayout();
    layout.addWidget(this._problem);
    layout.addWidget(this.tabs);
    this.layout = layout;
    this._observer = new ResizeObserver(() => {
      if (this.isVisible) {
        MessageLoop.sendMessage(this.tabs, Widget.ResizeMessage.UnknownSize);
      }
    });
    this._observer.observe(this.tabs.node);

    session.changed.connect(this._onSession, this);
    session.started.connect(this._onStarted, this);
    this.setOpen(false);
    this._onSession();
  }

  readonly tabs: JobTabs;

  get isOpen(): boolean {
    return this._open;
  }

  /** Whether the user, rather than the program, opened or closed it last. */
  get byHand(): boolean {
    return this._byHand;
  }

  get openChanged(): ISignal<this, boolean> {
    return this._openChanged;
  }

  setOpen(open: boolean, byHand = false): void {
    const changed = open !== this._open;
    this._open = open;
    this._byHand = byHand || this._byHand;
    this.toggleClass('jp-mod-closed', !open);
    this.tabs.stack.setHidden(!open);
    this._fitBar();
    if (changed) {
      this._openChanged.emit(open);
    }
  }

  dispose(): void {
    if (!this.isDisposed) {
      const { session } = this._options;
      session.changed.disconnect(this._onSession, this);
      session.started.disconnect(this._onStarted, this);
      this._observer.disconnect();
      Signal.clearData(this);
      super.dispose();
    }
  }

  protected onActivateRequest(message: Message): void {
    this.setOpen(true);
    this.tabs.activate();
  }

  private _onSession(): void {
    const { session, jobs } = this._options;
    const hidden = session.problem === null;
    if (hidden !== this._problem.isHidden) {
      this._problem.setHidden(hidden);
      this._fitBar();
      if (!hidden) {
        this.setOpen(true);
      }
    }
    const id = session.job?.id ?? null;
    if (id !== this._jobId) {
      this._jobId = id;
      this.tabs.setJob(id === null ? null : jobs.open(id));
    }
  }

  private _onStarted(_: unknown, job: Job): void {
    this.setOpen(true);
  }

  private _onTab(): void {
    this.setOpen(true, true);
  }

  /** A split panel gives a widget no more than its `max-height`. */
  private _fitBar(): void {
    this.node.style.maxHeight = this._open ? '' : `${BAR_HEIGHT}px`;
    this.node.style.minHeight = this._open ? '120px' : `${BAR_HEIGHT}px`;
    this.parent?.fit();
  }

  private _jobId: string | null = null;
  private _open = true;
  private _byHand = false;
  private readonly _problem: ProblemBar;
  private readonly _observer: ResizeObserver;
  private readonly _openChanged = new Signal<this, boolean>(this);
}
