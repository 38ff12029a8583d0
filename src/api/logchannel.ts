import { DisposableDelegate, type IDisposable } from '@lumino/disposable';

import type { ILogSink, ILogStart } from '../tokens';
import type { ILogFrame } from './frames';
import type { ClientMessage, ILogSubscribed, IRefusal } from './messages';

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
    this._subscribe(follower);
    return new DisposableDelegate(() => this._remove(follower));
  }

  /** A new connection is there: ask for what is still missing. */
  resume(): void {
    this._asked.length = 0;
    this._acked = 0;
    for (const follower of this._followers) {
      if (follower.next === null) {
        this._subscribe(follower);
      }
    }
    this._catchUp();
  }

  subscribed(message: ILogSubscribed): void {
    const asker = this._asked.shift();
    if (asker && this._followers.has(asker)) {
      asker.attempt = message.attempt;
      asker.next = message.offset;
      asker.sink.begin({
        attempt: message.attempt,
        offset: message.offset,
        line: message.line,
        size: message.size
      });
    }
    this._acked = message.offset;
    // Whoever is further behind than the newest subscription needs it moved back.
    const behind = [...this._followers].some(
      follower => follower.next !== null && follower.next < message.offset
    );
    if (behind && this._asked.length === 0) {
      this._catchUp();
    }
  }

  frame(frame: ILogFrame): void {
    const end = frame.offset + frame.bytes.length;
    for (const follower of [...this._followers]) {
      if (follower.next === null) {
        continue;
      }
      if (frame.attempt > follower.attempt) {
        this._newAttempt(follower, frame);
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

  refused(refusal: IRefusal): void {
    const asker = this._asked.shift();
    const told = asker ? [asker] : [...this._followers];
    for (const follower of told) {
      if (this._followers.delete(follower)) {
        const { code, message, hint } = refusal;
        follower.sink.refused({ code, message, hint });
      }
    }
    if (this._followers.size === 0) {
      this._onEmpty();
    }
  }

  private _newAttempt(follower: IFollower, frame: ILogFrame): void {
    // A job that was subscribed to before it started has attempt 0 and no bytes.
    const anew = follower.attempt > 0;
    follower.attempt = frame.attempt;
    follower.ended = false;
    if (anew || follower.next !== 0) {
      follower.next = 0;
      follower.sink.begin({
        attempt: frame.attempt,
        offset: 0,
        line: 0,
        size: 0
      });
      if (frame.offset > 0) {
        this._catchUp();
      }
    }
  }

  private _subscribe(follower: IFollower): void {
    this._asked.push(follower);
    const { attempt, offset, tail } = follower.start;
    this._send({
      op: 'subscribe',
      channel: 'log',
      job: this.job,
      ...(attempt === undefined ? {} : { attempt }),
      ...(offset === undefined ? {} : { offset }),
      ...(tail === undefined ? {} : { tail })
    });
  }

  /** Subscribes from the first byte that any follower still wants. */
  private _catchUp(): void {
    const running = [...this._followers].filter(
      follower => follower.next !== null && !follower.ended
    );
    if (running.length === 0) {
      return;
    }
    const attempt = Math.max(...running.map(follower => follower.attempt));
    const offset = Math.min(
      ...running
        .filter(follower => follower.attempt === attempt)
        .map(follower => follower.next ?? 0)
    );
    this._asked.push(null);
    this._send({
      op: 'subscribe',
      channel: 'log',
      job: this.job,
      ...(attempt > 0 ? { attempt } : {}),
      offset
    });
  }

  private _remove(follower: IFollower): void {
    if (this._followers.delete(follower) && this._followers.size === 0) {
      this._send({ op: 'unsubscribe', channel: 'log', job: this.job });
      this._onEmpty();
    }
  }

  private readonly _followers = new Set<IFollower>();
  /** Who waits for which answer; null stands for the channel itself. */
  private readonly _asked: (IFollower | null)[] = [];
  private _acked = 0;
}
