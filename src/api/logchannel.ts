import { DisposableDelegate, type IDisposable } from '@lumino/disposable';

import type { ILogSink, ILogStart } from '../tokens';
import type { ILogFrame } from './frames';
import type {
  ClientMessage,
  LogSkip,
  SocketProblem,
  SubscribedLog
} from './wire';

/** The server stops sending at 4 MiB without an acknowledgement. */
const ACK_EVERY = 512 * 1024;

interface IFollower {
  readonly sink: ILogSink;
  readonly start: ILogStart;
  attempt: number;
  /** The next byte that the sink wants; null before its beginning is known. */
  next: number | null;
  ended: boolean;
}

/**
 * The log of one job, for every view of it in this window.
 *
 * The server keeps one subscription for a job and socket, so a second view
 * asks again from where it wants to begin, and each follower takes only the
 * bytes that it has not seen. That also is how a reconnect loses and repeats
 * nothing.
 */
export class LogChannel {
  constructor(
    readonly job: string,
    private readonly _send: (message: ClientMessage) => void,
    private readonly _onEmpty: () => void
  ) {}

  add(start: ILogStart, sink: ILogSink): IDisposable {
    const follower: IFollower = {
      sink,
      start,
      attempt: start.attempt ?? 0,
      next: null,
      ended: false
    };
    this._followers.add(follower);
    this._ask(follower);
    return new DisposableDelegate(() => this._remove(follower));
  }

  /** A new connection is there: ask for what is still missing. */
  resume(): void {
    this._asking = undefined;
    this._wishes.length = 0;
    this._acked = 0;
    for (const follower of this._followers) {
      if (follower.next === null) {
        this._wishes.push(follower);
      }
    }
    // The answer to a new view shows whether the others need more than it does.
    if (this._wishes.length === 0) {
      this._wishes.push(null);
    }
    this._nextWish();
  }

  /** Where a view wants to begin that does not know its beginning yet. */
  waiting(): ILogStart | null {
    const follower = [...this._followers].find(({ next }) => next === null);
    this._asking = follower;
    return follower?.start ?? null;
  }

  /** The first byte that any view still wants, or null when none does. */
  position(): { attempt: number; offset: number } | null {
    const running = this._running();
    const attempt = Math.max(0, ...running.map(follower => follower.attempt));
    const offsets = running
      .filter(follower => follower.attempt === attempt)
      .map(follower => follower.next ?? 0);
    return attempt > 0 ? { attempt, offset: Math.min(...offsets) } : null;
  }

  subscribed(message: SubscribedLog): void {
    const asker = this._asking;
    this._asking = undefined;
    this._acked = message.offset;
    for (const follower of [...this._followers]) {
      const isAsker = follower === asker;
      // The server says so by itself when a waiting job starts, or starts anew.
      const isNewer =
        follower.next !== null && follower.attempt < message.attempt;
      if (isAsker || isNewer) {
        this._begin(follower, message);
      }
    }
    // Whoever is further behind than this subscription needs it moved back.
    const behind = this._running().some(
      follower => (follower.next ?? 0) < message.offset
    );
    if (behind) {
      this._ask(null);
    } else {
      this._nextWish();
    }
  }

  frame(frame: ILogFrame): void {
    const end = frame.offset + frame.bytes.length;
    for (const follower of [...this._followers]) {
      if (follower.next === null) {
        continue;
      }
      const wanted = follower.next;
      if (
        frame.attempt !== follower.attempt ||
        wanted < frame.offset ||
        wanted >= end
      ) {
        continue;
      }
      follower.next = end;
      follower.sink.bytes(
        wanted,
        wanted === frame.offset
          ? frame.bytes
          : frame.bytes.subarray(wanted - frame.offset)
      );
    }
    if (end - this._acked >= ACK_EVERY) {
      this._acked = end;
      this._send({ op: 'ack', job: this.job, offset: end });
    }
  }

  /** Bytes that a follower wants next are gone. */
  gap({ attempt, from, to, line }: Omit<LogSkip, 'type' | 'job'>): void {
    for (const follower of [...this._followers]) {
      const wanted = follower.next;
      if (
        wanted !== null &&
        attempt === follower.attempt &&
        from <= wanted &&
        wanted < to
      ) {
        follower.next = to;
        follower.sink.gap({ from: wanted, to, line });
      }
    }
  }

  end(attempt: number, size: number): void {
    for (const follower of [...this._followers]) {
      // One that is still behind is told when its own bytes have come.
      if (
        !follower.ended &&
        follower.next !== null &&
        follower.next >= size &&
        follower.attempt <= attempt
      ) {
        follower.ended = true;
        follower.sink.end(size);
      }
    }
  }

  refused(refusal: SocketProblem): void {
    const asker = this._asking;
    this._asking = undefined;
    const told = asker ? [asker] : [...this._followers];
    for (const follower of told) {
      if (this._followers.delete(follower)) {
        const { code, message, hint } = refusal;
        follower.sink.refused({ code, message, hint });
      }
    }
    if (this._followers.size === 0) {
      this._onEmpty();
    } else {
      this._nextWish();
    }
  }

  private _begin(follower: IFollower, at: SubscribedLog): void {
    // A job that was followed before it started has attempt 0 and no bytes.
    const waited = follower.next === 0 && follower.attempt === 0;
    follower.attempt = at.attempt;
    follower.ended = false;
    if (waited && at.offset === 0) {
      return;
    }
    follower.next = at.offset;
    follower.sink.begin({
      attempt: at.attempt,
      offset: at.offset,
      line: at.line,
      size: at.size,
      gap: at.gap
    });
  }

  /** Those that know where they are and have not seen the end. */
  private _running(): IFollower[] {
    return [...this._followers].filter(
      follower => follower.next !== null && !follower.ended
    );
  }

  /**
   * One question at a time: a subscription replaces the one before, which
   * then may never be answered. Null asks for the channel as a whole.
   */
  private _ask(who: IFollower | null): void {
    this._wishes.push(who);
    if (this._asking === undefined) {
      this._nextWish();
    }
  }

  private _nextWish(): void {
    const who = this._wishes.shift();
    if (who === undefined) {
      return;
    }
    if (who) {
      this._asking = who;
      this._subscribe(who.start);
      return;
    }
    if (this._running().length === 0) {
      this._nextWish();
      return;
    }
    this._asking = null;
    this._subscribe(this.position() ?? { offset: 0 });
  }

  private _subscribe({ attempt, offset, tail }: ILogStart): void {
    this._send({
      op: 'subscribe',
      channel: 'log',
      job: this.job,
      ...(attempt === undefined ? {} : { attempt }),
      ...(offset === undefined ? {} : { offset }),
      ...(tail === undefined ? {} : { tail })
    });
  }

  private _remove(follower: IFollower): void {
    if (this._followers.delete(follower) && this._followers.size === 0) {
      this._send({ op: 'unsubscribe', channel: 'log', job: this.job });
      this._onEmpty();
    }
  }

  private readonly _followers = new Set<IFollower>();
  private readonly _wishes: (IFollower | null)[] = [];
  /** Whose answer is awaited; undefined when none is. */
  private _asking: IFollower | null | undefined;
  private _acked = 0;
}
