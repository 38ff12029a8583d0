import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { LogModel } from '../../model/log';
import { ROW, textOf } from './row';
import type { Rows } from './rows';

interface IPlace {
  readonly line: number;
  /** Characters before it in the line. */
  readonly column: number;
}

/** What a selection needs of the window that it is in. */
export interface ISelectionHost {
  readonly pane: HTMLElement;
  scroll(pixels: number): void;
}

/** Lines `from` to `to`, both included. */
export interface ISelectedText {
  readonly from: IPlace;
  readonly to: IPlace;
}

const SCROLL_MS = 40;

/**
 * A selection by line and column, shown with the browser's own wherever it is
 * visible: rows come and go under it while the log moves.
 */
export class LogSelection implements IDisposable {
  constructor(
    private readonly _rows: Rows,
    private readonly _model: LogModel,
    private readonly _host: ISelectionHost
  ) {}

  /** The selected text is wanted in the clipboard. */
  get copyRequested(): ISignal<this, ClipboardEvent> {
    return this._copyRequested;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** In reading order; null when nothing is selected. */
  get selected(): ISelectedText | null {
    const { _anchor: a, _focus: b } = this;
    if (!a || !b || (a.line === b.line && a.column === b.column)) {
      return null;
    }
    const forward =
      a.line < b.line || (a.line === b.line && a.column < b.column);
    return forward ? { from: a, to: b } : { from: b, to: a };
  }

  attach(): void {
    document.addEventListener('selectionchange', this);
    this._host.pane.addEventListener('copy', this);
    this._host.pane.addEventListener('keydown', this);
    this._host.pane.addEventListener('pointerdown', this);
  }

  detach(): void {
    document.removeEventListener('selectionchange', this);
    this._host.pane.removeEventListener('copy', this);
    this._host.pane.removeEventListener('keydown', this);
    this._host.pane.removeEventListener('pointerdown', this);
    this._endDrag();
  }

  clear(): void {
    this._anchor = this._focus = this._shown = null;
  }

  dispose(): void {
    this._isDisposed = true;
    this.detach();
    Signal.clearData(this);
  }

  /** Shows what of the selection is visible, after rows have changed. */
  restore(): void {
    if (!this.selected || !this._anchor || !this._focus) {
      return;
    }
    const [anchor, focus] = [this._clip(this._anchor), this._clip(this._focus)];
    const selection = document.getSelection();
    if (!selection || !anchor || !focus || !this._isOurs(selection)) {
      return;
    }
    const [from, to] = [this._point(anchor), this._point(focus)];
    if (
      selection.anchorNode !== from.node ||
      selection.anchorOffset !== from.offset ||
      selection.focusNode !== to.node ||
      selection.focusOffset !== to.offset
    ) {
      selection.setBaseAndExtent(from.node, from.offset, to.node, to.offset);
    }
    this._shown = { anchor, focus };
  }

  handleEvent(event: Event): void {
    switch (event.type) {
      case 'selectionchange':
        this._onChange();
        break;
      case 'copy':
        if (this.selected) {
          this._copyRequested.emit(event as ClipboardEvent);
        }
        break;
      case 'keydown':
        this._onKey(event as KeyboardEvent);
        break;
      case 'pointerdown':
        this._startDrag(event as PointerEvent);
        break;
      case 'pointermove':
        this._onDrag(event as PointerEvent);
        break;
      default:
        this._endDrag();
    }
  }

  private _onChange(): void {
    const selection = document.getSelection();
    if (
      !selection?.anchorNode ||
      !this._rows.node.contains(selection.anchorNode)
    ) {
      this.clear();
      return;
    }
    const anchor = this._place(selection.anchorNode, selection.anchorOffset);
    const focus = this._place(selection.focusNode, selection.focusOffset);
    if (!anchor || !focus) {
      return;
    }
    // An end that was clipped to what is visible has not been moved by the user.
    this._anchor = same(anchor, this._shown?.anchor) ? this._anchor : anchor;
    this._focus = same(focus, this._shown?.focus) ? this._focus : focus;
    this._shown = { anchor, focus };
  }

  private _onKey(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      event.preventDefault();
      event.stopPropagation();
      this._anchor = { line: 0, column: 0 };
      this._focus = {
        line: Math.max(0, this._model.buffer.lineCount - 1),
        column: Number.MAX_SAFE_INTEGER
      };
      document.getSelection()?.selectAllChildren(this._rows.node);
      this.restore();
    }
  }

  private _startDrag(event: PointerEvent): void {
    if (event.button === 0 && event.pointerType === 'mouse') {
      window.addEventListener('pointermove', this);
      window.addEventListener('pointerup', this);
      window.addEventListener('blur', this);
    }
  }

  /** Beyond an edge the log scrolls, faster the further away. */
  private _onDrag(event: PointerEvent): void {
    const { top, bottom } = this._host.pane.getBoundingClientRect();
    this._beyond =
      Math.min(0, event.clientY - top) || Math.max(0, event.clientY - bottom);
    clearInterval(this._timer);
    this._timer = this._beyond
      ? window.setInterval(() => this._scroll(), SCROLL_MS)
      : 0;
  }

  private _scroll(): void {
    if (this._anchor) {
      this._host.scroll(this._beyond);
      const rows = this._rows.node.children;
      const edge = rows[this._beyond < 0 ? 0 : rows.length - 1];
      if (edge) {
        this._focus = {
          line: lineOf(edge),
          column: this._beyond < 0 ? 0 : Number.MAX_SAFE_INTEGER
        };
      }
    }
  }

  private _endDrag(): void {
    clearInterval(this._timer);
    window.removeEventListener('pointermove', this);
    window.removeEventListener('pointerup', this);
    window.removeEventListener('blur', this);
  }

  private _isOurs(selection: Selection): boolean {
    return (
      selection.rangeCount === 0 ||
      this._host.pane.contains(selection.anchorNode)
    );
  }

  /** The nearest place that is drawn. */
  private _clip(place: IPlace): IPlace | null {
    const { firstElementChild: first, lastElementChild: last } =
      this._rows.node;
    if (!first || !last) {
      return null;
    }
    if (place.line < lineOf(first)) {
      return { line: lineOf(first), column: 0 };
    }
    if (place.line > lineOf(last)) {
      return { line: lineOf(last), column: lengthOf(last) };
    }
    const row = this._rows.get(place.line);
    const column = Math.min(place.column, row ? lengthOf(row) : 0);
    return { line: place.line, column };
  }

  private _place(node: Node | null, offset: number): IPlace | null {
    if (!node || !this._rows.node.contains(node)) {
      return null;
    }
    if (node === this._rows.node) {
      const row = node.childNodes[Math.min(offset, node.childNodes.length - 1)];
      const past = offset >= node.childNodes.length;
      const element = row as HTMLElement;
      return { line: lineOf(element), column: past ? lengthOf(element) : 0 };
    }
    const element = node instanceof Element ? node : node.parentElement;
    const row = element?.closest(`.${ROW}`);
    if (!row) {
      return null;
    }
    const before = document.createRange();
    before.setStart(row, 0);
    before.setEnd(node, offset);
    return { line: lineOf(row), column: before.toString().length };
  }

  private _point(place: IPlace): { node: Node; offset: number } {
    const row = this._rows.get(place.line);
    if (!row) {
      return { node: this._rows.node, offset: 0 };
    }
    const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
    let left = place.column;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const length = node.textContent?.length ?? 0;
      if (left <= length) {
        return { node, offset: left };
      }
      left -= length;
    }
    return { node: textOf(row), offset: textOf(row).childNodes.length };
  }

  private _anchor: IPlace | null = null;
  private _focus: IPlace | null = null;
  /** What was last shown of them. */
  private _shown: { anchor: IPlace; focus: IPlace } | null = null;
  private _beyond = 0;
  private _timer = 0;
  private _isDisposed = false;
  private readonly _copyRequested = new Signal<this, ClipboardEvent>(this);
}

function same(a: IPlace, b: IPlace | undefined): boolean {
  return a.line === b?.line && a.column === b.column;
}

function lineOf(row: Element): number {
  return Number((row as HTMLElement).dataset.line);
}

function lengthOf(row: Element): number {
  return textOf(row).textContent?.length ?? 0;
}
