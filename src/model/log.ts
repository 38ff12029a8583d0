import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type {
  IJobModel,
  IJobsClient,
  IJobsStream,
  ILogBegin,
  ILogSink
} from '../tokens';
import { LogBuffer } from './logbuffer';
import { LogLines, type ILogLine } from './logline';
import { LogPages } from './logpages';

/** Enough to scroll up a little before the server is asked. */
const FIRST_BYTES = 1024 * 1024;

export type LogPhase =
  'waiting' | 'catching-up' | 'live' | 'reconnecting' | 'ended' | 'refused';

export interface ILogOptions {
  readonly job: IJobModel;
  readonly client: IJobsClient;
  readonly stream: IJobsStream;
}

/** One job's log as it grows, and any older part of it on demand. */
export class LogModel implements IDisposable {
  constructor(private readonly _options: ILogOptions) {
    this.pages = new LogPages(_options.client, _options.job.id, this.buffer);
    this.pages.changed.connect(this._emit, this);
    _options.stream.stateChanged.connect(this._emit, this);
  }

  readonly buffer = new LogBuffer();
  readonly lines = new LogLines(this.buffer);
  readonly pages: LogPages;

  /** Emitted with every chunk: draw later, not here. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Another attempt has begun: what was shown is another log. */
  get begun(): ISignal<this, void> {
    return this._begun;
  }

  get phase(): LogPhase {
    if (this._problem) {
      return 'refused';
    }
    if (this._ended) {
      return 'ended';
    }
    if (this._options.stream.state === 'reconnecting') {
      return 'reconnecting';
    }
    const end = this.buffer.end;
    if (end === null) {
      return 'waiting';
    }
    return end < this._size ? 'catching-up' : 'live';
  }

  /** The server's refusal: what happened and what to do. */
  get problem(): { message: string; hint: string } | null {
    return this._problem;
  }

  /** Bytes in the log, as far as is known. */
  get size(): number {
    return Math.max(this._size, this.buffer.end ?? 0);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Follows the log from now on. It may be called again. */
  follow(): void {
    if (!this._subscription && !this._isDisposed) {
      this._subscribe();
    }
  }

  /** A line to draw; one that is not loaded is asked for, and is null. */
  line(number: number): ILogLine | null {
    const line = this.lines.get(number);
    if (!line) {
      this.pages.want(number);
    }
    return line;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._subscription?.dispose();
      this.pages.reset();
      this.pages.changed.disconnect(this._emit, this);
      this._options.stream.stateChanged.disconnect(this._emit, this);
      Signal.clearData(this);
    }
  }

  private _subscribe(): void {
    const { stream, job } = this._options;
    this._subscription?.dispose();
    const end = this.buffer.end;
    this._subscription = stream.followLog(
      job.id,
      end === null
        ? { tail: FIRST_BYTES }
        : { attempt: this._attempt, offset: end },
      this._sink
    );
  }

  private _begin(at: ILogBegin): void {
    const goesOn =
      at.attempt === this._attempt && at.offset === this.buffer.end;
    this._attempt = at.attempt;
    this._size = at.size;
    this._ended = false;
    if (!goesOn) {
      this.buffer.begin(at);
      this.lines.clear();
      this.pages.reset();
      this._begun.emit();
    }
    this._emit();
  }

  private readonly _sink: ILogSink = {
    begin: at => this._begin(at),
    bytes: (offset, bytes) => {
      if (!this.buffer.append(offset, bytes)) {
        this._subscribe();
      }
      this._emit();
    },
    gap: skip => {
      if (!this.buffer.skip(skip)) {
        this._subscribe();
      }
      this._emit();
    },
    end: size => {
      this._ended = true;
      this._size = size;
      this.buffer.finish();
      this._emit();
    },
    refused: problem => {
      this._problem = problem;
      this._emit();
    }
  };

  private _emit(): void {
    this._changed.emit();
  }

  private _subscription: IDisposable | null = null;
  private _attempt = 0;
  private _size = 0;
  private _ended = false;
  private _problem: { message: string; hint: string } | null = null;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _begun = new Signal<this, void>(this);
}
