import type { LogFolds } from './logfolds';
import { sequenceEnd } from './logsequence';

/** How far up a program may redraw, as on a terminal of this height. */
export const SCREEN = 64;

/** A redrawn line is kept up to here. */
const LONGEST_ROW = 8 * 1024;

/** After so many redrawn lines the oldest are shown as they were written. */
const MOST_ROWS = 4000;

const NEWLINE = 10;
const RETURN = 13;
const ESCAPE = 27;

/** What a screen asks of the log that it is a part of. */
export interface IScreenLog {
  /** Bytes of a line as stored, to draw on. */
  read(line: number): Uint8Array;
  /** The line under the cursor ended in the log. */
  newline(): void;
}

/**
 * The lines at the end of a log while a program moves the cursor up among
 * them. What it writes there belongs to the row under the cursor, not to the
 * line of the log that carries the bytes.
 */
export class LogScreen {
  constructor(
    private readonly _folds: LogFolds,
    private readonly _log: IScreenLog
  ) {}

  /** Whether the cursor is anywhere but on the log's own last line. */
  get active(): boolean {
    return this._rows.length > 0;
  }

  /** What is drawn on a line instead of its own bytes. */
  row(line: number): Uint8Array | undefined {
    const row = this._drawn.get(line);
    return row && row.bytes.subarray(0, row.size);
  }

  /** Changes whenever the line was drawn on. */
  version(line: number): number {
    return this._drawn.get(line)?.version ?? 0;
  }

  /** The cursor leaves `line`, the last; `top` is the first that there is. */
  enter(line: number, top: number): void {
    this._line = line;
    let row = this._folds.rowOf(line);
    const first = Math.max(this._folds.rowOf(top), row - SCREEN + 1, 0);
    for (this._rows = []; row >= first; row--) {
      this._rows.unshift(this._folds.lineOf(row));
    }
    this._at = this._rows.length - 1;
    this._fresh = settled(this._log.read(line)).returned;
    // From here on the line's bytes in the log are not all its own.
    this._draw();
  }

  /** The cursor is back on the log's own last line; what is drawn stays. */
  leave(): void {
    this._rows = [];
    this._prefix = null;
    this._fresh = false;
  }

  /** Draws bytes; gives where the log's own last line goes on, or `to`. */
  feed(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to) {
      const byte = bytes[at];
      if (byte === NEWLINE) {
        at++;
        if (this._newline()) {
          return at;
        }
      } else if (byte === RETURN) {
        at++;
        this._fresh = true;
      } else if (byte === ESCAPE) {
        const end = sequenceEnd(bytes, at, to);
        this._sequence(bytes, at, end);
        at = end;
      } else {
        let end = at + 1;
        while (end < to && bytes[end] !== ESCAPE && !isMove(bytes[end])) {
          end++;
        }
        this._write(bytes, at, end);
        at = end;
      }
    }
    return to;
  }

  /** Whether the cursor is on a new last line, where the log goes on. */
  private _newline(): boolean {
    this._log.newline();
    this._line++;
    this._prefix = null;
    if (this._at === this._rows.length - 1) {
      this._rows = [];
      this._forget();
      return true;
    }
    this._at++;
    this._fresh = true;
    this._folds.add(this._line);
    return false;
  }

  private _sequence(bytes: Uint8Array, from: number, to: number): void {
    if (bytes[from + 1] !== 0x5b) {
      // A link or a title: text to this screen, left to who parses the row.
      this._write(bytes, from, to);
      return;
    }
    const final = String.fromCharCode(bytes[to - 1]);
    const count = argument(bytes, from, to);
    switch (final) {
      case 'A':
      case 'F':
        this._at = Math.max(0, this._at - Math.max(1, count));
        this._fresh ||= final === 'F';
        break;
      case 'B':
      case 'E':
        this._at = Math.min(
          this._rows.length - 1,
          this._at + Math.max(1, count)
        );
        this._fresh ||= final === 'E';
        break;
      case 'G':
        this._fresh ||= count <= 1;
        break;
      case 'K':
        if (this._fresh || count > 0) {
          this._clear();
        }
        break;
      case 'J':
        if (count === 0) {
          this._clearBelow();
        }
        break;
      case 'm':
        this._colour(bytes, from, to);
    }
  }

  /** A colour before the first text of a redrawn row must not blank it. */
  private _colour(bytes: Uint8Array, from: number, to: number): void {
    if (!this._fresh) {
      this._write(bytes, from, to);
      return;
    }
    const before = this._prefix ?? new Uint8Array(0);
    if (before.length < 256) {
      this._prefix = new Uint8Array(before.length + to - from);
      this._prefix.set(before);
      this._prefix.set(bytes.subarray(from, to), before.length);
    }
  }

  private _write(bytes: Uint8Array, from: number, to: number): void {
    const row = this._draw();
    if (this._fresh) {
      row.size = 0;
      this._fresh = false;
      if (this._prefix) {
        append(row, this._prefix, 0, this._prefix.length);
        this._prefix = null;
      }
    }
    append(row, bytes, from, to);
  }

  private _clear(): void {
    this._draw().size = 0;
  }

  private _clearBelow(): void {
    const at = this._at;
    if (this._fresh) {
      this._clear();
    }
    while (++this._at < this._rows.length) {
      this._clear();
    }
    this._at = at;
  }

  /** The row under the cursor, to be changed. */
  private _draw(): IRow {
    const line = this._rows[this._at];
    let row = this._drawn.get(line);
    if (!row) {
      row = { bytes: new Uint8Array(128), size: 0, version: 0 };
      const own = settled(this._log.read(line)).bytes;
      append(row, own, 0, own.length);
      this._drawn.set(line, row);
    }
    row.version++;
    return row;
  }

  private _forget(): void {
    if (this._drawn.size > MOST_ROWS) {
      const lines = [...this._drawn.keys()].sort((a, b) => a - b);
      const first = lines[lines.length >> 1];
      lines.slice(0, lines.length >> 1).forEach(line => {
        this._drawn.delete(line);
      });
      this._folds.forget(first);
    }
  }

  /** Lines of the log by row, the last at the bottom; empty when not active. */
  private _rows: number[] = [];
  /** Which of them is under the cursor. */
  private _at = 0;
  /** The line of the log that is being read. */
  private _line = 0;
  /** Whether the next text replaces the row. */
  private _fresh = false;
  private _prefix: Uint8Array | null = null;
  private readonly _drawn = new Map<number, IRow>();
}

interface IRow {
  bytes: Uint8Array;
  size: number;
  version: number;
}

function append(row: IRow, from: Uint8Array, start: number, end: number): void {
  const count = Math.min(end - start, LONGEST_ROW - row.size);
  if (row.size + count > row.bytes.length) {
    const larger = new Uint8Array(
      Math.max(row.size + count, row.bytes.length * 2)
    );
    larger.set(row.bytes.subarray(0, row.size));
    row.bytes = larger;
  }
  row.bytes.set(from.subarray(start, start + count), row.size);
  row.size += count;
}

/** A line's bytes without the returns at their end, and whether there were any. */
function settled(bytes: Uint8Array): { bytes: Uint8Array; returned: boolean } {
  let end = bytes.length;
  while (end > 0) {
    const at = bytes.lastIndexOf(RETURN, end - 1);
    let next = at + 1;
    let erased = false;
    while (at >= 0 && next < end && bytes[next] === ESCAPE) {
      next = sequenceEnd(bytes, next, end);
      erased ||= bytes[next - 1] === 0x4b;
    }
    if (at < 0 || next < end) {
      break;
    }
    // What an erased line showed before is gone: nothing of it is kept.
    end = erased ? 0 : at;
  }
  return { bytes: bytes.subarray(0, end), returned: end < bytes.length };
}

function isMove(byte: number): boolean {
  return byte === NEWLINE || byte === RETURN;
}

/** The first number of a sequence; 0 without one. */
function argument(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from + 2; at < to - 1; at++) {
    if (bytes[at] < 0x30 || bytes[at] > 0x39) {
      break;
    }
    value = Math.min(value * 10 + bytes[at] - 0x30, 9999);
  }
  return value;
}
