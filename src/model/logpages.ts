import { Signal, type ISignal } from '@lumino/signaling';

import type { IJobsClient, LogLines } from '../tokens';
import type { LogBuffer } from './logbuffer';
import { LogSegment } from './logsegment';

/** Lines of one page, some of them above the line that is asked for. */
const PAGE_LINES = 1000;
const LEAD_LINES = 300;

/** What one page may read. */
const PAGE_BYTES = 1024 * 1024;

/** How much of the end of a longer line is read. */
const TAIL_BYTES = 64 * 1024;

/** A scroll bar that is dragged passes many lines: ask for where it rests. */
const REST_MS = 30;
const RETRY_MS = 3000;

/** What was asked for is gone, or has moved behind a gap: look again. */
class Gone extends Error {}

const NEWLINE = new Uint8Array([10]);

/** Brings lines that are not in memory back from the server. */
export class LogPages {
  constructor(
    private readonly _client: IJobsClient,
    private readonly _job: string,
    private readonly _buffer: LogBuffer
  ) {}

  /** Something was loaded, or could not be. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Why the last page could not be read. */
  get problem(): Error | null {
    return this._problem;
  }

  /** Loads a line, if it is missing. Only the newest wish counts. */
  want(line: number): void {
    if (line === this._wanted) {
      return;
    }
    this._wanted = line;
    clearTimeout(this._timer);
    this._timer = setTimeout(() => void this._load(line), REST_MS);
  }

  /** Forgets all wishes: the log has begun anew, or its view is gone. */
  reset(): void {
    clearTimeout(this._timer);
    this._wanted = -1;
    this._abort?.abort();
    this._abort = null;
    this._problem = null;
  }

  private async _load(line: number): Promise<void> {
    const gap = this._buffer.missing(line);
    if (!gap) {
      this._wanted = -1;
      return;
    }
    this._abort?.abort();
    const abort = new AbortController();
    this._abort = abort;
    try {
      const from = Math.max(gap.from, line - LEAD_LINES);
      const to = Math.min(gap.to, from + PAGE_LINES);
      const page =
        (await this._read(from, to, line, abort.signal)) ??
        (await this._read(line, to, line, abort.signal)) ??
        (await this._readLong(line, abort.signal));
      if (!abort.signal.aborted) {
        this._buffer.insert(page);
        this._settle(line, null);
      }
    } catch (error) {
      if (!abort.signal.aborted) {
        this._settle(line, error instanceof Gone ? null : (error as Error));
      }
    }
  }

  private _settle(line: number, problem: Error | null): void {
    this._problem = problem;
    if (this._wanted === line) {
      // A failure is not asked for again with each frame that is drawn.
      clearTimeout(this._timer);
      this._timer = setTimeout(
        () => {
          this._wanted = -1;
          this._changed.emit();
        },
        problem ? RETRY_MS : 0
      );
    }
    this._changed.emit();
  }

  /** Whole lines from `from` to `to` at most; null if `line` is too far off. */
  private async _read(
    from: number,
    to: number,
    line: number,
    abort: AbortSignal
  ): Promise<LogSegment | null> {
    const at = await this._locate(from, to - from, line, abort);
    const length = Math.min(at.next_offset - at.offset, PAGE_BYTES);
    const bytes = await this._bytes(at.offset, length, abort);
    const page = new LogSegment(at.line);
    const whole = bytes.lastIndexOf(10) + 1;
    if (at.cut && at.offset + bytes.length === at.next_offset) {
      // Its last line goes on in the gap: what there is of it is shown.
      page.append(bytes);
      if (whole < bytes.length) {
        page.append(NEWLINE);
      }
    } else {
      page.append(bytes, 0, whole);
    }
    return page.has(line) ? page : null;
  }

  /** Where lines are, and whether a gap cuts them off. Lines that are gone are dropped here too. */
  private async _locate(
    from: number,
    count: number,
    line: number,
    abort: AbortSignal
  ): Promise<LogLines & { cut: boolean }> {
    const at = await this._client.locateLines(
      this._job,
      { line: from, count },
      abort
    );
    if (at.gap && !abort.aborted) {
      this._buffer.drop(at.gap);
      if (!this._buffer.missing(line)) {
        throw new Gone();
      }
    }
    return { ...at, cut: at.gap?.from === at.next_offset };
  }

  /** The two ends of a line that is longer than a page. */
  private async _readLong(
    line: number,
    abort: AbortSignal
  ): Promise<LogSegment> {
    const { offset, next_offset, cut } = await this._locate(
      line,
      1,
      line,
      abort
    );
    const tail = Math.max(offset + TAIL_BYTES, next_offset - TAIL_BYTES);
    const page = new LogSegment(line);
    page.append(await this._bytes(offset, TAIL_BYTES, abort));
    page.skip(tail - offset - TAIL_BYTES);
    page.append(await this._bytes(tail, next_offset - tail, abort));
    if (cut && !page.has(line)) {
      page.append(NEWLINE);
    }
    if (!page.has(line)) {
      throw new Error(`The server did not give line ${line + 1}.`);
    }
    return page;
  }

  private async _bytes(
    offset: number,
    limit: number,
    abort: AbortSignal
  ): Promise<Uint8Array> {
    const chunk = await this._client.readLog(
      this._job,
      { offset, limit },
      abort
    );
    if (chunk.offset > offset) {
      throw new Gone();
    }
    return chunk.bytes;
  }

  private _wanted = -1;
  private _timer: number | undefined;
  private _abort: AbortController | null = null;
  private _problem: Error | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
