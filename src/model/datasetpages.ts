import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IJobsClient, RowPage } from '../tokens';

/** A page is so many cells, within so many rows. */
const PAGE_CELLS = 20_000;
const MOST_PAGE_ROWS = 200;
const LEAST_PAGE_ROWS = 20;

/** Pages that are kept: some screens in each direction. */
const KEPT_CELLS = 400_000;
const LEAST_PAGES = 6;

/** A scroll bar that is dragged passes many pages: read where it rests. */
const REST_MS = 60;
const RETRY_MS = 3000;

/** What `cell` gives while its page is on its way. */
export const LOADING = Symbol('loading');

/** Rows that have changed: loaded, or all when the count changed. */
export interface IRowsChanged {
  readonly row: number;
  readonly count: number;
}

/**
 * The rows of one dataset version, a page at a time. Whoever shows them says
 * which rows are visible; what no one looks at any more is not read.
 */
export class DatasetPages implements IDisposable {
  constructor(
    private readonly _client: IJobsClient,
    readonly uuid: string,
    columns: number,
    rowCount: number
  ) {
    this._rowCount = rowCount;
    const rows = Math.floor(PAGE_CELLS / Math.max(1, columns));
    this.pageRows = Math.min(MOST_PAGE_ROWS, Math.max(LEAST_PAGE_ROWS, rows));
    this._mostPages = Math.max(
      LEAST_PAGES,
      Math.floor(KEPT_CELLS / (this.pageRows * Math.max(1, columns)))
    );
  }

  readonly pageRows: number;

  get rowCount(): number {
    return this._rowCount;
  }

  /** Rows have come. */
  get changed(): ISignal<this, IRowsChanged> {
    return this._changed;
  }

  /** A page could not be read, or can be read again. */
  get problemChanged(): ISignal<this, void> {
    return this._problemChanged;
  }

  get problem(): Error | null {
    return this._problem;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** A cell as the server sent it, or LOADING. It asks for nothing. */
  cell(row: number, column: number): unknown {
    const page = this._pages.get(this._pageOf(row));
    const cells = page?.rows[row % this.pageRows];
    return cells ? cells[column] : LOADING;
  }

  /** The full length of a cell that the server cut, or null. */
  fullLength(row: number, column: number): number | null {
    const page = this._pages.get(this._pageOf(row));
    return page?.cut.get(`${row % this.pageRows},${column}`) ?? null;
  }

  /** These rows are visible, the last included. Only the newest wish counts. */
  want(first: number, last: number): void {
    if (this._isDisposed || this._rowCount === 0) {
      return;
    }
    const top = this._pageOf(Math.max(0, first));
    const bottom = this._pageOf(Math.min(last, this._rowCount - 1));
    if (top === this._top && bottom === this._bottom) {
      return;
    }
    this._top = top;
    this._bottom = bottom;
    // The first step after a rest is one step, and not a long way.
    const moving = this._resting !== null;
    clearTimeout(this._resting ?? undefined);
    this._resting = setTimeout(() => (this._resting = null), REST_MS);
    this._afterRest(moving ? REST_MS : 0);
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      clearTimeout(this._timer);
      clearTimeout(this._resting ?? undefined);
      this._reading.forEach(abort => abort.abort());
      Signal.clearData(this);
    }
  }

  private _pageOf(row: number): number {
    return Math.floor(row / this.pageRows);
  }

  private _afterRest(delay: number): void {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._read(), delay);
  }

  /** Visible pages; when they are there, one more on each side. */
  private _read(): void {
    const last = this._pageOf(Math.max(0, this._rowCount - 1));
    const wanted: number[] = [];
    for (let page = this._top; page <= this._bottom; page++) {
      wanted.push(page);
    }
    if (wanted.every(page => this._pages.has(page))) {
      wanted.push(this._bottom + 1, this._top - 1);
    }
    for (const [page, abort] of this._reading) {
      if (!wanted.includes(page)) {
        abort.abort();
        this._reading.delete(page);
      }
    }
    for (const page of wanted) {
      const inside = page >= 0 && page <= last;
      if (inside && !this._touch(page) && !this._reading.has(page)) {
        void this._readPage(page);
      }
    }
  }

  private async _readPage(page: number): Promise<void> {
    const abort = new AbortController();
    this._reading.set(page, abort);
    const query = { offset: page * this.pageRows, limit: this.pageRows };
    try {
      const answer = await this._client.rows(this.uuid, query, abort.signal);
      if (!abort.signal.aborted) {
        this._keep(page, answer);
      }
    } catch (error) {
      if (!abort.signal.aborted) {
        this._setProblem(error as Error);
        this._afterRest(RETRY_MS);
      }
    } finally {
      if (this._reading.get(page) === abort) {
        this._reading.delete(page);
      }
    }
  }

  private _keep(page: number, answer: RowPage): void {
    const cut = new Map<string, number>();
    for (const [row, column, length] of answer.truncated) {
      cut.set(`${row},${column}`, length);
    }
    this._pages.set(page, { rows: answer.rows, cut });
    // What is visible is never dropped, however large the screen.
    const most = Math.max(this._mostPages, this._bottom - this._top + 4);
    for (const oldest of this._pages.keys()) {
      if (this._pages.size <= most) {
        break;
      }
      this._pages.delete(oldest);
    }
    this._setProblem(null);
    this._changed.emit({
      row: answer.offset,
      count: answer.rows.length
    });
    // Those beside it are next, unless the window is on its way elsewhere.
    this._afterRest(this._resting === null ? 0 : REST_MS);
  }

  /** Whether a page is there; then it is the last to be dropped. */
  private _touch(page: number): boolean {
    const kept = this._pages.get(page);
    if (kept) {
      this._pages.delete(page);
      this._pages.set(page, kept);
    }
    return kept !== undefined;
  }

  private _setProblem(problem: Error | null): void {
    if (problem !== this._problem) {
      this._problem = problem;
      this._problemChanged.emit();
    }
  }

  private readonly _rowCount: number;
  private readonly _mostPages: number;
  private readonly _pages = new Map<number, IPage>();
  private readonly _reading = new Map<number, AbortController>();
  private _top = -1;
  private _bottom = -1;
  private _timer: number | undefined;
  /** Runs while the window has moved a moment ago. */
  private _resting: number | null = null;
  private _problem: Error | null = null;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, IRowsChanged>(this);
  private readonly _problemChanged = new Signal<this, void>(this);
}

interface IPage {
  readonly rows: readonly unknown[][];
  /** Full lengths of cut cells, by "row,column" in the page. */
  readonly cut: ReadonlyMap<string, number>;
}
