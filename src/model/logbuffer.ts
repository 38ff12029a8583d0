import type { ILogBegin, ILogSkip, LogGap } from '../tokens';
import { LogFolds } from './logfolds';
import { gapBytes, LogGaps, type IGoneLines } from './loggaps';
import { LogScreen, type IScreenLog } from './logscreen';
import { LogSegment, type ILineBytes } from './logsegment';
import { cursorUp, unfinishedSequence } from './logsequence';

/** What a browser tab gives one log; older pages come back from the server. */
const MOST_BYTES = 32 * 1024 * 1024;
const SEGMENT_BYTES = 256 * 1024;

const NEWLINE = new Uint8Array([10]);
/** A range of line numbers, the last not included. */
export interface ILineRange {
  readonly from: number;
  readonly to: number;
}

/**
 * A job's log in bounded memory: the live end, and pages of what is looked at.
 * It keeps bytes and counts lines; text is made of lines only when they are
 * drawn.
 */
export class LogBuffer {
  constructor(private readonly _most = MOST_BYTES) {}

  /** The byte to go on from; null before the log has begun. */
  get end(): number | null {
    return this._end;
  }

  /** Lines of the log so far, as the server counts them. */
  get lineCount(): number {
    const open = this._screen.active || this._live.openSize > 0;
    return this._liveLine + (open ? 1 : 0);
  }

  /** What is drawn and numbered: lines that were not folded into others. */
  get rowCount(): number {
    return this.lineCount - this._folds.folded;
  }

  lineOf(row: number): number {
    return this._folds.lineOf(row);
  }

  rowOf(line: number): number {
    return this._folds.rowOf(line);
  }

  /** The number to show for a row: lines that are gone keep theirs. */
  numberOf(row: number): number {
    return this._folds.numberOf(this.lineOf(row));
  }

  /** The bytes that are gone between two lines, as far as is known. */
  goneBetween(first: number, last: number): number {
    let bytes = 0;
    for (const gap of this._gaps.all) {
      bytes += gap.first <= last && gap.line > first ? gap.to - gap.from : 0;
    }
    return bytes;
  }

  /** Everything from here on is another log. */
  begin(at: ILogBegin): void {
    this._gaps = new LogGaps();
    this._folds = new LogFolds();
    this._screen = new LogScreen(this._folds, this._screenLog);
    this._end = at.offset;
    this._firstLive = at.line;
    this._live = new LogSegment(at.line);
    this._segments = [this._live];
    this._used.clear();
    this._pending = new Uint8Array(0);
    if (at.gap) {
      this.drop(at.gap);
    }
  }

  /**
   * Live bytes go on at `to`: those before are gone. False means that bytes
   * before the gap are missing.
   */
  skip({ from, to, line }: ILogSkip): boolean {
    if (this._end === null || from > this._end) {
      return false;
    }
    if (to <= this._end) {
      return true;
    }
    this.finish();
    const open = this._screen.active || this._live.openSize > 0;
    this._screen.leave();
    const first = this._liveLine + (open ? 1 : 0);
    if (line <= first) {
      // No whole line is gone that could tell: the one that was cut does.
      const marker = gapBytes(to - this._end);
      this._store(marker, 0, marker.length);
    }
    if (open && line >= first) {
      this._store(NEWLINE, 0, 1);
    }
    if (line > first) {
      this._addGap({ first, line, from: this._end, to });
      this._startLive(line);
    }
    this._firstLive = Math.max(this._firstLive, line);
    this._end = to;
    return true;
  }

  /** The server no longer has these lines: those that are not here are gone. */
  drop({ from, to, line, lines }: LogGap): void {
    for (let first = line - lines; first < line;) {
      const missing = this.missing(first);
      if (missing) {
        const until = Math.min(missing.to, line);
        this._addGap({ first, line: until, from, to });
        first = until;
      } else {
        first = this._loadedUntil(first);
      }
    }
  }

  /**
   * Takes live bytes. What is already there is passed over; false means that
   * bytes in between are missing, and none were taken.
   */
  append(offset: number, bytes: Uint8Array): boolean {
    if (this._end === null || offset > this._end) {
      return false;
    }
    const fresh = bytes.subarray(this._end - offset);
    if (offset + bytes.length > this._end) {
      this._end = offset + bytes.length;
      this._take(fresh);
      this._evict();
    }
    return true;
  }

  /** No more live bytes: what waited for its rest is shown as it is. */
  finish(): void {
    this._store(this._pending, 0, this._pending.length);
    this._pending = new Uint8Array(0);
  }

  /** Takes a page of whole lines from the server, for lines that are missing. */
  insert(page: LogSegment): void {
    page.seal();
    const at = this._after(page.line);
    const before = this._segments[at - 1];
    const after = this._segments[at];
    if (before?.has(page.line) || after.line < page.line + page.lines) {
      return;
    }
    this._segments.splice(at, 0, page);
    this._used.set(page, ++this._clock);
    this._evict();
  }

  /** The bytes that a line shows now, or null when they are not loaded. */
  bytes(line: number): ILineBytes | null {
    const gap = this._gaps.at(line);
    if (gap) {
      const head = gapBytes(gap.to - gap.from);
      return { head, tail: null, dropped: 0 };
    }
    const drawn = this._screen.row(line);
    if (drawn) {
      return { head: drawn, tail: null, dropped: 0 };
    }
    const segment = this._find(line);
    if (!segment) {
      return null;
    }
    this._used.set(segment, ++this._clock);
    return segment.bytes(line);
  }

  /** Changes whenever `bytes` of this line do. */
  version(line: number): number {
    const gap = this._gaps.at(line);
    if (gap) {
      return gap.to - gap.from + 0.25;
    }
    // Half a step apart, so that a growing line is never taken for a drawn one.
    const open = line === this._liveLine ? (this._end ?? 0) + 0.5 : 0;
    return this._screen.version(line) + open;
  }

  /** The largest range of missing lines around `line`; null if it is loaded. */
  missing(line: number): ILineRange | null {
    if (line >= this.lineCount || this.bytes(line)) {
      return null;
    }
    const at = this._after(line);
    const before = this._segments[at - 1];
    let from = before ? before.line + before.lines : 0;
    let to = this._segments[at].line;
    for (const gap of this._gaps.all) {
      from = gap.line <= line ? Math.max(from, gap.line) : from;
      to = gap.first > line ? Math.min(to, gap.first) : to;
    }
    return { from, to };
  }

  private get _liveLine(): number {
    return this._live.line + this._live.lines;
  }

  private _take(fresh: Uint8Array): void {
    let bytes = fresh;
    if (this._pending.length) {
      bytes = new Uint8Array(this._pending.length + fresh.length);
      bytes.set(this._pending);
      bytes.set(fresh, this._pending.length);
    }
    const to = unfinishedSequence(bytes);
    this._pending = bytes.slice(to);
    for (let at = 0; at < to;) {
      if (this._screen.active) {
        at = this._screen.feed(bytes, at, to);
      } else {
        const up = cursorUp(bytes, at, to);
        this._store(bytes, at, up);
        if (up < to) {
          this._screen.enter(this._liveLine, this._firstLive);
        }
        at = up;
      }
    }
  }

  /** Adds to the live end, in segments that begin and end with whole lines. */
  private _store(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to;) {
      const room = Math.max(SEGMENT_BYTES - this._live.size, 0);
      let end = to;
      if (at + room < to) {
        const newline = bytes.indexOf(10, at + room);
        end = newline < 0 || newline >= to ? to : newline + 1;
      }
      this._live.append(bytes, at, end);
      at = end;
      if (this._live.size >= SEGMENT_BYTES && this._live.openSize === 0) {
        this._startLive(this._liveLine);
      }
    }
  }

  /** Live bytes go on in a segment that begins with this line. */
  private _startLive(line: number): void {
    if (this._live.lines > 0) {
      this._live.seal();
      this._used.set(this._live, ++this._clock);
    } else {
      this._segments.pop();
    }
    this._live = new LogSegment(line);
    this._segments.push(this._live);
  }

  /** One row for lines that are gone. */
  private _addGap(gap: IGoneLines): void {
    this._gaps.add(gap);
    this._folds.setGone(
      this._gaps.all
        .map(({ first, line }) => ({ start: first + 1, end: line }))
        .filter(({ start, end }) => start < end)
    );
  }

  /** The line after those that are loaded, or known to be gone, from `line` on. */
  private _loadedUntil(line: number): number {
    const gap = this._gaps.at(line);
    const segment = this._segments[this._after(line) - 1];
    return (
      gap?.line ??
      (segment?.has(line) ? segment.line + segment.lines : Infinity)
    );
  }

  private _find(line: number): LogSegment | null {
    if (line === this._liveLine) {
      return this._live.openSize > 0 ? this._live : null;
    }
    const segment = this._segments[this._after(line) - 1];
    return segment?.has(line) ? segment : null;
  }

  /** Where the first segment that begins after `line` is. */
  private _after(line: number): number {
    let low = 0;
    let high = this._segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this._segments[middle].line <= line) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Drops what was looked at longest ago, never the live end. */
  private _evict(): void {
    let cost = 0;
    for (const segment of this._segments) {
      cost += segment.cost;
    }
    while (cost > this._most && this._segments.length > 1) {
      let oldest = this._segments[0];
      for (const segment of this._segments) {
        if (
          segment !== this._live &&
          this._usedAt(segment) < this._usedAt(oldest)
        ) {
          oldest = segment;
        }
      }
      cost -= oldest.cost;
      this._segments.splice(this._segments.indexOf(oldest), 1);
      this._used.delete(oldest);
    }
  }

  private _usedAt(segment: LogSegment): number {
    return this._used.get(segment) ?? 0;
  }

  private readonly _screenLog: IScreenLog = {
    read: line => {
      const own = this._find(line)?.bytes(line);
      return own?.tail ?? own?.head ?? new Uint8Array(0);
    },
    newline: () => this._store(NEWLINE, 0, 1)
  };
  private _gaps = new LogGaps();
  private _folds = new LogFolds();
  private _screen = new LogScreen(this._folds, this._screenLog);
  private _end: number | null = null;
  private _firstLive = 0;
  /** The segment that live bytes go to; always the last. */
  private _live = new LogSegment(0);
  private _segments: LogSegment[] = [this._live];
  private readonly _used = new Map<LogSegment, number>();
  private _clock = 0;
  private _pending = new Uint8Array(0);
}
