import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';

import type {
  ConnectionState,
  IJobsClient,
  IJobsStream,
  ILogSink,
  ILogStart,
  JobEvent
} from '../tokens';
import { parseFrame } from './frames';
import { LogChannel } from './logchannel';
import { LogPoller } from './logpoller';
import type { ClientMessage, ServerMessage, SocketProblem } from './wire';

/** The newest protocol that this page speaks. */
const PROTOCOL = 1;
/** A half-open connection is noticed after two of these without a word. */
const PING_MS = 20_000;
/** First wait after a loss; it grows while the server stays away. */
const RETRY_MS = 500;
const RETRY_MAX_MS = 5_000;

/**
 * The one websocket: jobs as JSON text, log bytes as binary frames.
 *
 * It connects when something is first followed, and after a loss asks for
 * exactly what came after the last thing that it handed out.
 */
export class JobsSocket implements IJobsStream, IDisposable {
  constructor(
    client: IJobsClient,
    private readonly _settings: ServerConnection.ISettings = ServerConnection.makeSettings()
  ) {
    this._poller = new LogPoller(client, () => [...this._logs.values()]);
    this._poll = new Poll({
      auto: false,
      name: 'jupyter-datachain-jobs:socket',
      factory: () => this._live(),
      frequency: { interval: RETRY_MS, backoff: true, max: RETRY_MAX_MS },
      standby: 'never'
    });
  }

  get state(): ConnectionState {
    return this._state;
  }

  get stateChanged(): ISignal<this, ConnectionState> {
    return this._stateChanged;
  }

  get jobEvent(): ISignal<this, JobEvent> {
    return this._jobEvent;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  followJobs(seq: number): void {
    this._seq = seq;
    this._connect();
    this._send({ op: 'subscribe', channel: 'jobs', seq });
  }

  followLog(job: string, start: ILogStart, sink: ILogSink): IDisposable {
    this._connect();
    let channel = this._logs.get(job);
    if (!channel) {
      channel = new LogChannel(
        job,
        message => this._send(message),
        () => this._logs.delete(job)
      );
      this._logs.set(job, channel);
    }
    return channel.add(start, sink);
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._poll.dispose();
    this._poller.dispose();
    this._socket?.close();
    this._logs.clear();
    Signal.clearData(this);
  }

  private _connect(): void {
    if (!this._started && !this._isDisposed) {
      this._started = true;
      void this._poll.start();
    }
  }

  /**
   * Lasts as long as one connection: resolves when one that had been live is
   * lost, so that the next try comes at once, and rejects when none was made,
   * so that the poll backs off.
   */
  private _live(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const socket = new this._settings.WebSocket(this._url());
      socket.binaryType = 'arraybuffer';
      this._socket = socket;
      let heard = Date.now();
      const heartbeat = setInterval(() => {
        if (Date.now() - heard > 2 * PING_MS) {
          socket.close();
        } else if (this._open) {
          socket.send(JSON.stringify({ op: 'ping' }));
        }
      }, PING_MS);
      socket.onmessage = event => {
        heard = Date.now();
        this._receive(event.data);
      };
      socket.onclose = () => {
        clearInterval(heartbeat);
        const wasLive = this._open;
        this._open = false;
        if (this._isDisposed || this._state === 'outdated') {
          return;
        }
        this._setState('reconnecting');
        if (wasLive) {
          resolve();
        } else {
          reject(new Error('The websocket of jupyter-datachain-jobs closed'));
        }
      };
    });
  }

  private _url(): string {
    const { wsUrl, token, appendToken } = this._settings;
    const url = URLExt.join(wsUrl, 'datachain-jobs/api/ws');
    return appendToken && token
      ? `${url}?token=${encodeURIComponent(token)}`
      : url;
  }

  private _receive(data: unknown): void {
    if (data instanceof ArrayBuffer) {
      const frame = parseFrame(data);
      if (frame) {
        this._logs.get(frame.job)?.frame(frame);
      }
      return;
    }
    if (typeof data === 'string') {
      this._handle(JSON.parse(data) as ServerMessage);
    }
  }

  private _handle(message: ServerMessage): void {
    switch (message.type) {
      case 'hello':
        return this._hello(message.protocol);
      case 'subscribed':
        if (message.channel === 'log') {
          this._logs.get(message.job)?.subscribed(message);
        } else if (this._seq !== null && message.seq < this._seq) {
          // Its counter is behind ours: another data folder, or a restored one.
          this._seq = message.seq;
          this._jobEvent.emit({ type: 'reset' });
        }
        return;
      case 'job':
      case 'job_deleted':
        if (this._seq === null || message.seq > this._seq) {
          this._seq = message.seq;
          this._jobEvent.emit(message);
        }
        return;
      case 'status':
        this._jobEvent.emit(message);
        return;
      case 'log_gap':
        this._logs.get(message.job)?.gap(message);
        return;
      case 'log_end':
        this._logs.get(message.job)?.end(message.attempt, message.size);
        return;
      case 'error':
        return this._refused(message);
    }
  }

  private _hello(protocol: number): void {
    if (protocol !== PROTOCOL) {
      this._setState('outdated');
      this._socket?.close();
      return;
    }
    this._open = true;
    if (this._seq !== null) {
      this._send({ op: 'subscribe', channel: 'jobs', seq: this._seq });
    }
    for (const channel of this._logs.values()) {
      channel.resume();
    }
    this._setState('live');
  }

  private _refused(refusal: SocketProblem): void {
    if (refusal.op === 'subscribe' && refusal.job) {
      this._logs.get(refusal.job)?.refused(refusal);
    } else {
      console.warn(`jupyter-datachain-jobs: ${refusal.message}`);
    }
  }

  /** What is said while there is no connection is said again by `_hello`. */
  private _send(message: ClientMessage): void {
    if (this._open) {
      this._socket?.send(JSON.stringify(message));
    }
  }

  private _setState(state: ConnectionState): void {
    if (state !== this._state) {
      this._state = state;
      if (state === 'reconnecting') {
        this._poller.start();
      } else {
        this._poller.stop();
      }
      this._stateChanged.emit(state);
    }
  }

  private _state: ConnectionState = 'connecting';
  private _socket: WebSocket | null = null;
  /** Whether the hello of the current connection has come. */
  private _open = false;
  private _started = false;
  private _isDisposed = false;
  /** The last change handed out; null while nobody follows the jobs. */
  private _seq: number | null = null;
  private readonly _logs = new Map<string, LogChannel>();
  private readonly _poll: Poll<void, Error, 'stop'>;
  private readonly _poller: LogPoller;
  private readonly _stateChanged = new Signal<this, ConnectionState>(this);
  private readonly _jobEvent = new Signal<this, JobEvent>(this);
}
