import type { Message } from '@lumino/messaging';
import { Signal, type ISignal } from '@lumino/signaling';
import { BoxLayout, Widget } from '@lumino/widgets';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { LogModel } from '../../model/log';
import type { ISourcePosition } from '../../tokens';
import { DrawClock } from './drawclock';
import { LogInput } from './input';
import type { ResolvePath } from './links';
import { settle } from './place';
import { Rows, type IRowTop } from './rows';
import { LogScrollBar, type ScrollRequest } from './scrollbar';
import { LogSelection } from './selection';

export interface ILogViewportOptions {
  readonly model: LogModel;
  readonly trans: TranslationBundle;
  readonly resolve: ResolvePath;
  goTo(at: ISourcePosition): void;
}

/**
 * A window on a log of any length. It draws the rows that are visible, at most
 * once in an animation frame, around a row at its top or, while it follows the
 * log, up from its end. No element is as high as the log: browsers clamp that.
 */
export class LogViewport extends Widget {
  constructor(private readonly _options: ILogViewportOptions) {
    super();
    const { model, trans } = _options;
    this.addClass('jp-DataChainLog-viewport');
    this._pane.addClass('jp-DataChainLog-pane');
    const pane = this._pane.node;
    pane.tabIndex = 0;
    pane.id = this._pane.id = `jp-DataChainLog-${++counter}`;
    pane.setAttribute('role', 'group');
    pane.setAttribute('aria-label', trans.__('Log text'));
    this._content = document.createElement('pre');
    pane.append(this._content);
    this._rows = new Rows(this._content, model, trans, _options.resolve);
    this.selection = new LogSelection(this._rows, model, {
      pane,
      scroll: pixels => this.scrollBy(pixels)
    });

    this._input = new LogInput(pane, {
      lineHeight: () => this._rowHeight,
      scrollBy: pixels => this.scrollBy(pixels),
      toStart: () => this.scrollToRow(0),
      toEnd: () => this.follow(),
      goTo: _options.goTo
    });

    this._bar = new LogScrollBar(pane.id, trans);
    const layout = new BoxLayout({ direction: 'left-to-right', spacing: 0 });
    layout.addWidget(this._pane);
    layout.addWidget(this._bar);
    BoxLayout.setStretch(this._pane, 1);
    BoxLayout.setStretch(this._bar, 0);
    this.layout = layout;

    model.changed.connect(this.redraw, this);
    model.begun.connect(this._onBegun, this);
    this._bar.requested.connect(this._onBar, this);
    this._resized = new ResizeObserver(() => this.redraw());
  }

  readonly selection: LogSelection;

  /** Whether the newest lines are shown as they come. */
  get following(): boolean {
    return this._top === null;
  }

  get followingChanged(): ISignal<this, boolean> {
    return this._followingChanged;
  }

  get wrap(): boolean {
    return this.hasClass('jp-mod-wrap');
  }

  set wrap(wrap: boolean) {
    this.toggleClass('jp-mod-wrap', wrap);
    this.redraw();
  }

  follow(): void {
    this._setTop(null);
  }

  scrollToRow(row: number): void {
    const first = Math.floor(row);
    this._setTop({
      line: this._options.model.buffer.lineOf(Math.max(0, first)),
      pixels: (row - first) * this._rowHeight
    });
  }

  scrollBy(pixels: number): void {
    // While it follows, the top is wherever the end has pushed it.
    const top =
      this._top ?? this._rows.at(this._pane.node.getBoundingClientRect().top);
    if (!top || (this.following && pixels >= 0)) {
      return;
    }
    this._setTop({ line: top.line, pixels: top.pixels + pixels });
  }

  focus(): void {
    this._pane.node.focus();
  }

  /** Draws soon, if anyone can see it. */
  redraw(): void {
    if (this.isVisible) {
      this._clock.request();
    }
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._clock.cancel();
      this._options.model.changed.disconnect(this.redraw, this);
      this._options.model.begun.disconnect(this._onBegun, this);
      this.selection.dispose();
      Signal.clearData(this);
      super.dispose();
    }
  }

  protected onAfterAttach(message: Message): void {
    this._input.attach();
    this._resized.observe(this._pane.node);
    this.selection.attach();
    this.redraw();
  }

  protected onBeforeDetach(message: Message): void {
    this._input.detach();
    this._resized.disconnect();
    this.selection.detach();
  }

  protected onAfterShow(message: Message): void {
    this.redraw();
  }

  private _draw(): void {
    const pane = this._pane.node;
    const height = pane.clientHeight;
    if (!this.isAttached || height === 0) {
      return;
    }
    const { buffer } = this._options.model;
    const count = (this._drawnCount = buffer.rowCount);
    this._content.style.setProperty(
      '--jp-datachain-digits',
      String(Math.max(3, String(buffer.numberOf(count)).length))
    );
    const fits = (this._fits = Math.ceil(height / this._rowHeight) + 1);
    this._settle();
    let first = this._top ? buffer.rowOf(this._top.line) : 0;
    let whole =
      this._top && this._rows.draw(first, Math.min(count, first + fits));
    // Fewer lines than fit below the top: then this is the end.
    if (this._top && first + fits > count && this._endsAbove(height)) {
      this._setFollowing(null);
    }
    if (!this._top) {
      first = Math.max(0, count - fits);
      whole = this._rows.draw(first, count);
    }
    this._measureRow();
    const top = this._top;
    this._content.style.top = top ? `${-top.pixels}px` : '';
    this._content.style.bottom = top ? '' : '0';
    if (whole) {
      this._prefetch(first, count);
    }
    this._bar.place(
      top && first + top.pixels / this._rowHeight,
      Math.max(1, Math.floor(height / this._rowHeight)),
      count
    );
    this.selection.restore();
  }

  /** Makes the line at the top one that is partly visible. */
  private _settle(): void {
    if (this._top) {
      const { buffer } = this._options.model;
      const { row, pixels } = settle(
        { row: buffer.rowOf(this._top.line), pixels: this._top.pixels },
        {
          count: buffer.rowCount,
          even: this.wrap ? null : this._rowHeight,
          heightOf: row => this._heightOf(row)
        }
      );
      this._top = { line: buffer.lineOf(row), pixels };
    }
  }

  private _heightOf(row: number): number {
    const { buffer } = this._options.model;
    const line = buffer.lineOf(row);
    if (!this._rows.get(line)) {
      this._rows.draw(row, Math.min(buffer.rowCount, row + this._fits));
    }
    return this._rows.get(line)?.offsetHeight || this._rowHeight;
  }

  /** Whether all rows from the top one on end above the lower edge. */
  private _endsAbove(height: number): boolean {
    return this._content.offsetHeight - (this._top?.pixels ?? 0) <= height;
  }

  private _measureRow(): void {
    const row = this._content.firstElementChild;
    const height = row && !this.wrap ? row.getBoundingClientRect().height : 0;
    if (height > 0 && height !== this._rowHeight) {
      // The font has changed, and with it how many rows fit.
      this._rowHeight = height;
      this.redraw();
    }
  }

  /** Lines just out of sight, so that slow scrolling meets no gap. */
  private _prefetch(first: number, count: number): void {
    const { buffer, pages } = this._options.model;
    for (const ahead of [3 * this._fits, -2 * this._fits]) {
      const row = Math.min(Math.max(0, first + ahead), count - 1);
      const line = buffer.lineOf(row);
      if (buffer.missing(line)) {
        pages.want(line);
        return;
      }
    }
  }

  private _setTop(top: IRowTop | null): void {
    this._setFollowing(top);
    this.redraw();
  }

  private _setFollowing(top: IRowTop | null): void {
    const before = this.following;
    this._top = top;
    if (before !== this.following) {
      this._followingChanged.emit(this.following);
    }
  }

  private _onBegun(): void {
    this._rows.clear();
    this.selection.clear();
    this.follow();
  }

  private _onBar(_: LogScrollBar, request: ScrollRequest): void {
    switch (request.type) {
      case 'end':
        this.follow();
        break;
      case 'row':
        this.scrollToRow(request.row);
        break;
      case 'rows':
        this.scrollBy(request.by * this._rowHeight);
        break;
      case 'pages':
        this.scrollBy(
          request.by * (this._pane.node.clientHeight - this._rowHeight)
        );
    }
  }

  private readonly _pane = new Widget();
  private readonly _bar: LogScrollBar;
  private readonly _content: HTMLElement;
  private readonly _rows: Rows;
  private readonly _input: LogInput;
  private readonly _resized: ResizeObserver;
  /** Null while the window follows the end of the log. */
  private _top: IRowTop | null = null;
  private _rowHeight = 17;
  /** Rows that fill the window, one more for the part of one. */
  private _fits = 1;
  /** How many rows there were when it was drawn last. */
  private _drawnCount = 0;
  private readonly _clock = new DrawClock(
    () => this._draw(),
    // All that was visible has moved away since.
    () =>
      this.following &&
      this._options.model.buffer.rowCount - this._drawnCount > this._fits
  );
  private readonly _followingChanged = new Signal<this, boolean>(this);
}

let counter = 0;
