import type { TranslationBundle } from '@jupyterlab/translation';

import type { LogModel } from '../../model/log';
import { findLinks, type ResolvePath } from './links';
import { fillRow, makeRow, numberRow } from './row';

/** A line, by number: rows before it may be folded away. */
export interface IRowTop {
  readonly line: number;
  /** How far the line is scrolled past. */
  readonly pixels: number;
}

/** The version of a line that is not loaded. */
const MISSING = -1;

/**
 * The drawn rows. A row that is still visible keeps its element, so that the
 * browser's selection survives, and is filled again only when its line changed.
 */
export class Rows {
  constructor(
    readonly node: HTMLElement,
    private readonly _model: LogModel,
    private readonly _trans: TranslationBundle,
    private readonly _resolve: ResolvePath
  ) {}

  /** Draws rows `first` to `last`, the last not included; whether all are loaded. */
  draw(first: number, last: number): boolean {
    const wanted = new Set<number>();
    for (let row = first; row < last; row++) {
      wanted.add(this._model.buffer.lineOf(row));
    }
    for (const [line, element] of this._drawn) {
      if (!wanted.has(line)) {
        element.node.remove();
        this._drawn.delete(line);
      }
    }
    let next = this.node.firstChild;
    let loaded = true;
    let row = first;
    for (const line of wanted) {
      const { node, version } = this._row(line);
      numberRow(node, this._model.buffer.numberOf(row++));
      loaded &&= version !== MISSING;
      if (next === node) {
        next = node.nextSibling;
      } else {
        this.node.insertBefore(node, next);
      }
    }
    return loaded;
  }

  get(line: number): HTMLElement | undefined {
    return this._drawn.get(line)?.node;
  }

  /** What is drawn at this height of the page. */
  at(edge: number): IRowTop | null {
    for (const [line, { node }] of this._drawn) {
      const { top, bottom } = node.getBoundingClientRect();
      if (top <= edge && bottom > edge) {
        return { line, pixels: edge - top };
      }
    }
    return null;
  }

  clear(): void {
    this.node.replaceChildren();
    this._drawn.clear();
  }

  private _row(number: number): IDrawn {
    const line = this._model.line(number);
    const version = line?.version ?? MISSING;
    let drawn = this._drawn.get(number);
    if (!drawn) {
      drawn = { node: makeRow(number), version: NaN };
      this._drawn.set(number, drawn);
    }
    if (drawn.version !== version) {
      drawn.version = version;
      const links = line ? findLinks(line.text, this._resolve) : [];
      fillRow(drawn.node, line, links, this._trans);
    }
    return drawn;
  }

  private readonly _drawn = new Map<number, IDrawn>();
}

interface IDrawn {
  readonly node: HTMLElement;
  version: number;
}
