/** Lines longer than this are kept as their two ends: bars and dumps. */
const LONGEST = 64 * 1024;
const HEAD = 16 * 1024;
const TAIL = 16 * 1024;

const NEWLINE = 10;

/** The kept bytes of one line, without its newline. */
export interface ILineBytes {
  readonly head: Uint8Array;
  /** The end of a line whose middle was dropped. */
  readonly tail: Uint8Array | null;
  /** How many bytes were dropped between `head` and `tail`. */
  readonly dropped: number;
}

/**
 * Some lines of a log, as bytes. It grows at its end, and finds where lines
 * begin only when it is asked for one: most of a fast log is never looked at.
 */
export class LogSegment {
  constructor(
    /** The number of its first line. */
    readonly line: number
  ) {}

  /** Finished lines. */
  get lines(): number {
    return this._lines;
  }

  get size(): number {
    return this._size;
  }

  /** Kept bytes of the unfinished last line. */
  get openSize(): number {
    return this._size - this._open;
  }

  /** What it costs to keep. */
  get cost(): number {
    return this._bytes.length + this._starts.length * 8;
  }

  has(line: number): boolean {
    return line >= this.line && line < this.line + this._lines;
  }

  /** Bytes of the log, with their newlines. */
  append(bytes: Uint8Array, from = 0, to = bytes.length): void {
    let start = from;
    let longest = this.openSize;
    let found = 0;
    let last = -1;
    for (let at = from; at < to; at++) {
      if (bytes[at] === NEWLINE) {
        longest = Math.max(longest, at - start);
        start = at + 1;
        last = at;
        found++;
      }
    }
    // The line that was open grows by its first piece; an estimate too high only takes the slow way.
    if (longest + this.openSize <= LONGEST && to - start <= LONGEST / 2) {
      this._copy(bytes, from, to);
      this._lines += found;
      if (last >= 0) {
        this._open = this._size - (to - last - 1);
      }
      this._shorten();
      return;
    }
    for (let at = from; at < to;) {
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline < 0 || newline >= to ? to : newline;
      this._extend(bytes, at, end);
      if (end < to) {
        this._copy(bytes, end, end + 1);
        this._lines++;
        this._open = this._size;
      }
      at = end + 1;
    }
  }

  /** The open line has so many more bytes here, which were never read. */
  skip(count: number): void {
    const before = this._dropped.get(this._lines) ?? 0;
    this._dropped.set(this._lines, before + count);
  }

  /** The kept bytes of a line; of the unfinished one for the last number. */
  bytes(line: number): ILineBytes {
    const number = line - this.line;
    const begin = this._start(number);
    const end = number < this._lines ? this._start(number + 1) - 1 : this._size;
    const dropped = this._dropped.get(number) ?? 0;
    if (dropped === 0) {
      return { head: this._bytes.subarray(begin, end), tail: null, dropped };
    }
    return {
      head: this._bytes.subarray(begin, begin + HEAD),
      tail: this._bytes.subarray(begin + HEAD, end),
      dropped
    };
  }

  /** Nothing will be added: give back what was set aside for growth. */
  seal(): void {
    this._bytes = this._bytes.slice(0, this._size);
  }

  /** A piece of the open line without newline, however long. */
  private _extend(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at += TAIL) {
      this._copy(bytes, at, Math.min(at + TAIL, to));
      this._shorten();
    }
  }

  /** Each byte of an endless line moves a bounded number of times. */
  private _shorten(): void {
    if (this.openSize > LONGEST) {
      const drop = this.openSize - HEAD - TAIL;
      const at = this._open + HEAD;
      this._bytes.copyWithin(at, at + drop, this._size);
      this._size -= drop;
      const before = this._dropped.get(this._lines) ?? 0;
      this._dropped.set(this._lines, before + drop);
    }
  }

  private _copy(bytes: Uint8Array, from: number, to: number): void {
    const size = this._size + to - from;
    if (size > this._bytes.length) {
      const larger = new Uint8Array(Math.max(size, this._bytes.length * 2));
      larger.set(this._bytes.subarray(0, this._size));
      this._bytes = larger;
    }
    this._bytes.set(bytes.subarray(from, to), this._size);
    this._size = size;
  }

  /** Where the line with this number, counted from the first, begins. */
  private _start(number: number): number {
    const starts = this._starts;
    let at = starts[starts.length - 1];
    while (starts.length <= number) {
      at = this._bytes.indexOf(NEWLINE, at) + 1;
      starts.push(at);
    }
    return starts[number];
  }

  private _bytes = new Uint8Array(1024);
  private _size = 0;
  private _lines = 0;
  private _open = 0;
  private readonly _starts: number[] = [0];
  private readonly _dropped = new Map<number, number>();
}
