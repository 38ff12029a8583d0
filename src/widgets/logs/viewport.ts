import type { Message } from '@lumino/messaging';
import { Signal, type ISignal } from '@lumino/signaling';
import { BoxLayout, ScrollBar, Widget } from '@lumino/widgets';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { LogModel } from '../../model/log';
import type { ISourcePosition } from '../../tokens';
import { LogInput } from './input';
import type { ResolvePath } from './links';
import { Rows } from './rows';
import { LogSelection } from './selection';

/** Each frame of a flood shows other lines, which no one can read: draw fewer. */
const FLOOD_MS = 100;

/** What the top of the window shows: a row and how far it is scrolled past. */
interface ITop {
  row: number;
  pixels: number;
}

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

    const bar = this._bar.node;
    bar.setAttribute('role', 'scrollbar');
    bar.setAttribute('aria-controls', pane.id);
    bar.setAttribute('aria-label', trans.__('Position in the log'));

    const layout = new BoxLayout({ direction: 'left-to-right', spacing: 0 });
    layout.addWidget(this._pane);
    layout.addWidget(this._bar);
    BoxLayout.setStretch(this._pane, 1);
    BoxLayout.setStretch(this._bar, 0);
    this.layout = layout;

    model.changed.connect(this.redraw, this);
    model.begun.connect(this._onBegun, this);
    this._bar.thumbMoved.connect(this._onThumb, this);
    this._bar.pageRequested.connect(this._onPage, this);
    this._bar.stepRequested.connect(this._onStep, this);
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
    this._setTop({ row: Math.max(0, row), pixels: 0 });
  }

  scrollBy(pixels: number): void {
    const top = this._top ?? this._visibleTop();
    if (!top || (this.following && pixels >= 0)) {
      return;
    }
    this._setTop({ row: top.row, pixels: top.pixels + pixels });
  }

  focus(): void {
    this._pane.node.focus();
  }

  /** Draws in the next frame, however often it is asked. */
  redraw(): void {
    if (this._frame === 0 && this.isVisible) {
      this._frame = requestAnimationFrame(now => this._onFrame(now));
    }
  }

  dispose(): void {
    if (!this.isDisposed) {
      cancelAnimationFrame(this._frame);
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

  private _onFrame(now: number): void {
    this._frame = 0;
    const count = this._options.model.buffer.rowCount;
    const flooded = this.following && count - this._drawnCount > this._fits;
    if (flooded && now - this._drawnAt < FLOOD_MS) {
      this.redraw();
      return;
    }
    this._drawnAt = now;
    this._drawnCount = count;
    this._draw();
  }

  private _draw(): void {
    const pane = this._pane.node;
    const height = pane.clientHeight;
    if (!this.isAttached || height === 0) {
      return;
    }
    const count = this._options.model.buffer.rowCount;
    this._content.style.setProperty(
      '--jp-datachain-digits',
      String(Math.max(3, String(this._options.model.buffer.lineCount).length))
    );
    const fits = (this._fits = Math.ceil(height / this._rowHeight) + 1);
    this._normalize(count, height);
    if (this._top) {
      const first = this._top.row;
      this._rows.draw(first, Math.min(count, first + fits));
      // Fewer lines than fit below it: then this is the end.
      if (first + fits > count && this._endsAbove(height)) {
        this._setFollowing(null);
      }
    }
    if (!this._top) {
      this._rows.draw(Math.max(0, count - fits), count);
    }
    this._measureRow();
    const top = this._top;
    this._content.style.top = top ? `${-top.pixels}px` : '';
    this._content.style.bottom = top ? '' : '0';
    this._prefetch(count, fits);
    this._drawBar(count, height);
    this.selection.restore();
  }

  /** Makes the row at the top one that is partly visible. */
  private _normalize(count: number, height: number): void {
    const top = this._top;
    if (!top) {
      return;
    }
    let { row, pixels } = top;
    row = Math.min(row, Math.max(0, count - 1));
    if (!this.wrap) {
      // All rows are equally high: far jumps need no step for each row.
      const skip = Math.floor(pixels / this._rowHeight);
      pixels -= skip * this._rowHeight;
      row += skip;
    }
    while (pixels < 0 && row > 0) {
      pixels += this._heightOf(--row);
    }
    while (row < count - 1 && pixels >= this._heightOf(row)) {
      pixels -= this._heightOf(row++);
    }
    this._top =
      row < 0 || (row === 0 && pixels < 0)
        ? { row: 0, pixels: 0 }
        : { row: Math.min(row, Math.max(0, count - 1)), pixels };
  }

  private _heightOf(row: number): number {
    if (!this.wrap) {
      return this._rowHeight;
    }
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
  private _prefetch(count: number, fits: number): void {
    const { buffer, pages } = this._options.model;
    const first = this._top?.row ?? Math.max(0, count - fits);
    const ahead = [first - 2 * fits, first + 3 * fits];
    const here = buffer.missing(buffer.lineOf(first));
    for (const row of here ? [] : ahead) {
      const line = buffer.lineOf(Math.max(0, row));
      if (buffer.missing(line)) {
        pages.want(line);
      }
    }
  }

  private _drawBar(count: number, height: number): void {
    const page = Math.max(1, Math.floor(height / this._rowHeight));
    const maximum = Math.max(0, count - page);
    this._bar.page = page;
    this._bar.maximum = maximum;
    const top = this._top;
    this._bar.value = top ? top.row + top.pixels / this._rowHeight : maximum;
    this._bar.setHidden(maximum === 0);
    const node = this._bar.node;
    node.setAttribute('aria-valuemin', '0');
    node.setAttribute('aria-valuemax', String(maximum));
    node.setAttribute('aria-valuenow', String(Math.round(this._bar.value)));
  }

  /** Where the window is while it follows: read from what is drawn. */
  private _visibleTop(): ITop | null {
    const edge = this._pane.node.getBoundingClientRect().top;
    for (const node of this._content.children) {
      const { top, bottom } = node.getBoundingClientRect();
      if (bottom > edge) {
        const line = Number((node as HTMLElement).dataset.line);
        return {
          row: this._options.model.buffer.rowOf(line),
          pixels: Math.max(0, edge - top)
        };
      }
    }
    return null;
  }

  private _setTop(top: ITop | null): void {
    this._setFollowing(top);
    this.redraw();
  }

  private _setFollowing(top: ITop | null): void {
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

  private _onThumb(_: ScrollBar, value: number): void {
    const row = Math.floor(value);
    if (value >= this._bar.maximum - 0.5) {
      this.follow();
    } else {
      this._setTop({ row, pixels: (value - row) * this._rowHeight });
    }
  }

  private _onPage(_: ScrollBar, where: 'decrement' | 'increment'): void {
    const page = this._pane.node.clientHeight - this._rowHeight;
    this.scrollBy(where === 'increment' ? page : -page);
  }

  private _onStep(_: ScrollBar, where: 'decrement' | 'increment'): void {
    this.scrollBy(where === 'increment' ? this._rowHeight : -this._rowHeight);
  }

  private readonly _pane = new Widget();
  private readonly _bar = new ScrollBar({ orientation: 'vertical' });
  private readonly _content: HTMLElement;
  private readonly _rows: Rows;
  private readonly _input: LogInput;
  private readonly _resized: ResizeObserver;
  /** Null while the window follows the end of the log. */
  private _top: ITop | null = null;
  private _rowHeight = 17;
  /** Rows that fill the window, one more for the part of one. */
  private _fits = 1;
  private _frame = 0;
  /** When it was drawn last, and of how many rows. */
  private _drawnAt = 0;
  private _drawnCount = 0;
  private readonly _followingChanged = new Signal<this, boolean>(this);
}

let counter = 0;
