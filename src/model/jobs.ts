import { PromiseDelegate } from '@lumino/coreutils';
import { Poll } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';

import type {
  DeletedJob,
  IDeleteOptions,
  IJobModel,
  IJobs,
  IJobsClient,
  IJobsStream,
  Job,
  JobEvent,
  JobsChange,
  Status,
  SubmitRequest
} from '../tokens';
import { JobModel } from './job';
import { QueueModel } from './queue';
import { isFinal } from './states';

/** How often a server that cannot be reached is asked again. */
const RETRY = { interval: 1000, max: 20_000, backoff: true };
/** While the websocket is away (a proxy may block it) jobs are polled. */
const FALLBACK = { interval: 3000, max: 30_000, backoff: true };
const FALLBACK_PAGE = 50;
/** What comes sooner after a wish to stop is part of a double-click. */
const ARMED_MS = 1000;

/** Keeps the newest known state of every job seen, from events and answers. */
export class Jobs implements IJobs {
  constructor(
    readonly client: IJobsClient,
    readonly stream: IJobsStream
  ) {
    this.queue = new QueueModel(this);
    stream.jobEvent.connect(this._onEvent, this);
    stream.stateChanged.connect(this._onConnection, this);
    this._first = new Poll({
      auto: false,
      name: 'jupyter-datachain-jobs:start',
      factory: () => this._begin(),
      frequency: RETRY,
      standby: 'never'
    });
    this._fallback = new Poll({
      auto: false,
      name: 'jupyter-datachain-jobs:fallback',
      factory: async () => {
        const page = await client.listJobs({ limit: FALLBACK_PAGE });
        this.learn(page.items);
      },
      frequency: FALLBACK
    });
  }

  readonly queue: QueueModel;

  get status(): Status | null {
    return this._status;
  }

  get problem(): Error | null {
    return this._problem;
  }

  get statusChanged(): ISignal<this, void> {
    return this._statusChanged;
  }

  get changed(): ISignal<this, JobsChange> {
    return this._changed;
  }

  start(): Promise<void> {
    if (!this._started) {
      this._started = true;
      void this._first.start();
    } else if (this._problem) {
      void this._first.refresh();
    }
    return this._ready.promise;
  }

  get(id: string): Job | undefined {
    return this._seen.get(id);
  }

  open(id: string): IJobModel {
    return new JobModel(this, id);
  }

  learn(jobs: readonly Job[]): void {
    for (const job of jobs) {
      const known = this._seen.get(job.id);
      // An answer can be older than an event that overtook it.
      if (
        !this._removed.has(job.id) &&
        !(known && known.revision >= job.revision)
      ) {
        this._seen.set(job.id, job);
        this._noteStop(job);
        this._changed.emit({ type: 'set', job });
      }
    }
  }

  async submit(request: SubmitRequest): Promise<Job> {
    return this._learned(await this.client.submit(request));
  }

  async cancel(id: string, force = false): Promise<Job> {
    return this._learned(await this.client.cancel(id, force));
  }

  async stop(id: string): Promise<void> {
    const since = this._stopping.get(id);
    if (since !== undefined && Date.now() - since < ARMED_MS) {
      return;
    }
    const force = this._seen.get(id)?.state === 'CANCELING';
    if (!force) {
      this._stopping.set(id, Date.now());
    }
    try {
      await this.cancel(id, force);
    } catch (error) {
      this._stopping.delete(id);
      throw error;
    }
  }

  async setPriority(id: string, priority: number): Promise<Job> {
    return this._learned(await this.client.setPriority(id, priority));
  }

  async rerun(id: string, resume = false): Promise<Job> {
    return this._learned(await this.client.rerun(id, resume));
  }

  async remove(id: string, options: IDeleteOptions = {}): Promise<DeletedJob> {
    const gone = await this.client.deleteJob(id, options);
    this._forget(id);
    return gone;
  }

  private async _begin(): Promise<void> {
    try {
      const page = await this.client.listJobs({ limit: 1 });
      this.stream.followJobs(page.seq);
    } catch (error) {
      this._problem = error as Error;
      this._statusChanged.emit();
      throw error;
    }
    this._problem = null;
    this._ready.resolve();
    void this._first.stop();
  }

  private _learned(job: Job): Job {
    this.learn([job]);
    return this._seen.get(job.id) ?? job;
  }

  /** A stop that was asked for elsewhere counts from when it is seen here. */
  private _noteStop(job: Job): void {
    if (isFinal(job.state)) {
      this._stopping.delete(job.id);
    } else if (job.state === 'CANCELING' && !this._stopping.has(job.id)) {
      this._stopping.set(job.id, Date.now());
    }
  }

  private _forget(id: string): void {
    this._seen.delete(id);
    this._stopping.delete(id);
    // Ids are never used again, so a late answer cannot bring the job back.
    if (!this._removed.has(id)) {
      this._removed.add(id);
      this._changed.emit({ type: 'removed', id });
    }
  }

  private _onEvent(_: unknown, event: JobEvent): void {
    switch (event.type) {
      case 'job':
        return this.learn([event.job]);
      case 'job_deleted':
        return this._forget(event.id);
      case 'status':
        return this._setStatus(event.status);
      case 'reset':
        this._seen.clear();
        this._removed.clear();
        this._stopping.clear();
        this._changed.emit({ type: 'reset' });
    }
  }

  private _onConnection(): void {
    if (this.stream.state === 'reconnecting') {
      void this._fallback.start();
    } else {
      void this._fallback.stop();
    }
  }

  private _setStatus(status: Status): void {
    this._status = status;
    this._statusChanged.emit();
  }

  private _started = false;
  private readonly _ready = new PromiseDelegate<void>();
  private readonly _first: Poll;
  private _status: Status | null = null;
  private _problem: Error | null = null;
  private readonly _seen = new Map<string, Job>();
  private readonly _removed = new Set<string>();
  /** When a stop was asked for. */
  private readonly _stopping = new Map<string, number>();
  private readonly _fallback: Poll;
  private readonly _changed = new Signal<this, JobsChange>(this);
  private readonly _statusChanged = new Signal<this, void>(this);
}
