import { PageConfig } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  caretDownIcon,
  downloadIcon,
  numberingIcon,
  Toolbar,
  ToolbarButton
} from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { BoxLayout, Widget } from '@lumino/widgets';

import { LogModel } from '../../model/log';
import { loadedText, storedText } from '../../model/logtext';
import type { IJobViewOptions } from '../../tokens';
import { Announcer } from './announcer';
import { emptyWords } from './empty';
import { wrapIcon } from './icons';
import { pathResolver } from './links';
import type { LogSelection } from './selection';
import { LogStatus } from './status';
import { LogViewport } from './viewport';

/** The last choice goes for the next log too. */
const look = { wrap: false, numbers: true };

const REFRESH_MS = 100;

/** The log of one job: live, scrollable to any line, in bounded memory. */
export class LogView extends Widget {
  constructor(private readonly _options: IJobViewOptions) {
    super();
    this.addClass('jp-DataChainLog');
    this._trans = _options.translator.load('jupyter_datachain_jobs');
    const trans = this._trans;
    this._model = new LogModel(_options);
    this.viewport = new LogViewport({
      model: this._model,
      trans,
      resolve: path => this._resolve(path),
      goTo: at => _options.goTo(at)
    });
    this._status = new LogStatus(this._model, trans, _options.job);
    this._announcer = new Announcer(this._model, trans);
    this._empty.addClass('jp-DataChain-empty');

    const jump = (this._jump = document.createElement('button'));
    jump.className = 'jp-Button jp-DataChainLog-jump';
    jump.append(
      caretDownIcon.element({ tag: 'span', stylesheet: 'menuItem' }),
      trans.__('Jump to newest')
    );
    jump.title = trans.__('Show new lines as they come (End)');
    jump.addEventListener('click', () => {
      this.viewport.follow();
      this.viewport.focus();
    });
    this.viewport.node.append(jump, this._announcer.node);

    const layout = new BoxLayout({ direction: 'top-to-bottom', spacing: 0 });
    const toolbar = this._makeToolbar();
    for (const [widget, stretch] of [
      [toolbar, 0],
      [this.viewport, 1],
      [this._empty, 1]
    ] as const) {
      layout.addWidget(widget);
      BoxLayout.setStretch(widget, stretch);
    }
    this.layout = layout;

    this._model.changed.connect(this._redraw, this);
    _options.job.changed.connect(this._redraw, this);
    this.viewport.followingChanged.connect(this._redraw, this);
    this.viewport.selection.copyRequested.connect(this._onCopy, this);
    this._apply();
    this._refresh();
  }

  readonly viewport: LogViewport;

  dispose(): void {
    if (!this.isDisposed) {
      clearTimeout(this._timer);
      this._options.job.changed.disconnect(this._redraw, this);
      this._announcer.dispose();
      // The viewport lets go of the model before it is gone.
      super.dispose();
      this._model.dispose();
    }
  }

  protected onAfterAttach(message: Message): void {
    this._model.follow();
    this._announcer.start();
  }

  protected onBeforeDetach(message: Message): void {
    this._announcer.stop();
  }

  protected onAfterShow(message: Message): void {
    this._announcer.start();
    this._redraw();
  }

  protected onAfterHide(message: Message): void {
    this._announcer.stop();
  }

  protected onActivateRequest(message: Message): void {
    this.viewport.focus();
  }

  private _makeToolbar(): Widget {
    const trans = this._trans;
    const toolbar = new Toolbar();
    toolbar.addClass('jp-DataChainLog-toolbar');
    toolbar.node.setAttribute('aria-label', trans.__('Log'));
    toolbar.addItem('status', this._status);
    toolbar.addItem('spacer', Toolbar.createSpacerItem());
    const toggle = (
      name: keyof typeof look,
      icon: ToolbarButton['props']['icon'],
      label: string
    ): ToolbarButton =>
      new ToolbarButton({
        icon,
        tooltip: label,
        pressedTooltip: label,
        pressed: look[name],
        onClick: () => {
          look[name] = !look[name];
          this._apply();
        }
      });
    this._wrap = toggle('wrap', wrapIcon, trans.__('Wrap lines'));
    this._numbers = toggle('numbers', numberingIcon, trans.__('Line numbers'));
    toolbar.addItem('wrap', this._wrap);
    toolbar.addItem('numbers', this._numbers);
    toolbar.addItem(
      'download',
      new ToolbarButton({
        icon: downloadIcon,
        tooltip: trans.__('Download the whole log'),
        onClick: () => this._download()
      })
    );
    return toolbar;
  }

  private _apply(): void {
    this._wrap.pressed = look.wrap;
    this._numbers.pressed = look.numbers;
    this.viewport.toggleClass('jp-mod-numbers', look.numbers);
    this.viewport.wrap = look.wrap;
  }

  /** A link with `download` streams to disk; nothing passes through the page. */
  private _download(): void {
    const { job, client } = this._options;
    const anchor = document.createElement('a');
    anchor.href = client.logUrl(job.id);
    anchor.download = `${job.job?.name ?? 'job'}-${job.id.slice(0, 8)}.log`;
    anchor.click();
  }

  private _resolve(path: string): string | null {
    const root = decodeURIComponent(
      PageConfig.getOption('rootUri').replace(/^file:\/\//, '')
    );
    return pathResolver(root, this._options.job.job?.script.path ?? '')(path);
  }

  /** What is around the rows is words and numbers: ten times a second will do. */
  private _redraw(): void {
    if (this._timer === 0 && this.isVisible) {
      this._timer = window.setTimeout(
        () => {
          this._timer = 0;
          this._refreshedAt = performance.now();
          this._refresh();
        },
        this._refreshedAt + REFRESH_MS - performance.now()
      );
    }
  }

  private _refresh(): void {
    this._status.refresh();
    const words = emptyWords(this._model, this._options.job, this._trans);
    this.viewport.setHidden(words !== null);
    this._empty.setHidden(words === null);
    if (words !== null && this._empty.node.textContent !== words) {
      const text = document.createElement('p');
      text.textContent = words;
      this._empty.node.replaceChildren(text);
    }
    this._jump.hidden = this.viewport.following;
  }

  private _onCopy(selection: LogSelection, event: ClipboardEvent): void {
    const range = selection.selected;
    if (!range) {
      return;
    }
    event.preventDefault();
    const text = loadedText(this._model, range);
    if (text !== null) {
      event.clipboardData?.setData('text/plain', text);
      return;
    }
    const { client, job } = this._options;
    const trans = this._trans;
    const copied = async (): Promise<string> => {
      const stored = await storedText(
        client,
        job.id,
        range,
        this._model.buffer.goneBetween(range.from.line, range.to.line)
      );
      if (stored === null) {
        return trans.__('Too long to copy: download the log instead.');
      }
      await navigator.clipboard.writeText(stored);
      return trans.__('Copied.');
    };
    this._status.say(trans.__('Copying…'));
    copied().then(
      said => this._status.say(said),
      (error: Error) => this._status.say(error.message)
    );
  }

  private readonly _trans: TranslationBundle;
  private readonly _model: LogModel;
  private readonly _status: LogStatus;
  private readonly _announcer: Announcer;
  private readonly _empty = new Widget();
  private readonly _jump: HTMLButtonElement;
  private _wrap!: ToolbarButton;
  private _numbers!: ToolbarButton;
  private _timer = 0;
  private _refreshedAt = 0;
}
