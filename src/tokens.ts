/**
 * What other rooms, and other extensions, may use: the words of the server
 * and the interfaces of the one client, the one websocket and the jobs.
 */
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { ITranslator } from '@jupyterlab/translation';

import type {
  Attempt,
  CancelReport,
  Column,
  DatasetDetail,
  DatasetVersion,
  DeletedJob,
  Job,
  JobError,
  JobPage,
  LogGap,
  LogLines,
  Progress,
  Queue,
  RowPage,
  ScriptSnapshot,
  State,
  Status,
  SubmitJob,
  Template,
  UserFrame,
  Wait
} from './api/wire';

export type {
  Attempt,
  CancelReport,
  Column,
  DatasetDetail,
  DatasetVersion,
  DeletedJob,
  Job,
  JobError,
  JobPage,
  LogGap,
  LogLines,
  Progress,
  Queue,
  RowPage,
  ScriptSnapshot,
  State,
  Status,
  Template,
  UserFrame,
  Wait
};

export type SubmitRequest = SubmitJob;

/** A piece of a job's log as the server keeps it: bytes as written. */
export interface ILogChunk {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Bytes in the whole log so far. */
  readonly size: number;
  /** Whether nothing will be added to the log. */
  readonly complete: boolean;
}

/** What goes with a job beside its log and files. */
export interface IDeleteOptions {
  /** The dataset versions that it made, not those that it reused. */
  readonly datasets?: boolean;
}

/** The REST doors. A refusal rejects with an `ApiError` (api/errors). */
export interface IJobsClient {
  status(): Promise<Status>;
  template(): Promise<Template>;

  listJobs(query: IJobsQuery): Promise<JobPage>;
  job(id: string): Promise<Job>;
  submit(request: SubmitRequest): Promise<Job>;
  cancel(id: string, force?: boolean): Promise<Job>;
  /** resume: go on from its checkpoints. */
  rerun(id: string, resume?: boolean): Promise<Job>;
  deleteJob(id: string, options?: IDeleteOptions): Promise<DeletedJob>;
  script(id: string): Promise<ScriptSnapshot>;

  /** The first jobs of the queue, in order, and why each waits. */
  queue(): Promise<Queue>;
  /** Why one job waits, wherever in the queue it is. */
  wait(id: string): Promise<Wait>;
  setPriority(id: string, priority: number): Promise<Job>;
  /** Oldest first. */
  attempts(id: string): Promise<Attempt[]>;
  /** Doors that answer with the log of an attempt that is over. */
  pastAttempt(attempt: number): IPastAttempt;

  /** A negative offset counts from the end; at most 4 MiB are answered. */
  readLog(
    id: string,
    query: ILogQuery,
    abort?: AbortSignal
  ): Promise<ILogChunk>;
  /** Where lines are, without their bytes: by line number or by an offset. */
  locateLines(
    id: string,
    query:
      | { line: number; count?: number; attempt?: number }
      | { offset: number; count?: number; attempt?: number },
    abort?: AbortSignal
  ): Promise<LogLines>;
  /** Where the whole log can be downloaded from (same origin, GET). */
  logUrl(id: string, attempt?: number): string;

  datasets(jobId: string): Promise<DatasetVersion[]>;
  dataset(uuid: string): Promise<DatasetDetail>;
  /** `name` may be bare or full and may carry `@version`. */
  findDataset(name: string): Promise<DatasetDetail>;
  /** At most 1000 rows are answered. */
  rows(
    uuid: string,
    query: { offset: number; limit: number },
    abort?: AbortSignal
  ): Promise<RowPage>;
}

export interface IPastAttempt {
  readonly client: IJobsClient;
  readonly stream: IJobsStream;
}

export interface IJobsQuery {
  readonly state?: readonly State[];
  readonly q?: string;
  readonly script?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export interface ILogQuery {
  readonly offset?: number;
  readonly limit?: number;
  readonly attempt?: number;
}

/**
 * `connecting` until the first try ends, `live`, or `reconnecting`: then jobs
 * and logs are polled;
 * `outdated` when the server speaks a newer protocol: only a reload helps.
 */
export type ConnectionState =
  'connecting' | 'live' | 'reconnecting' | 'outdated';

export type JobEvent =
  | { readonly type: 'job'; readonly seq: number; readonly job: Job }
  | { readonly type: 'job_deleted'; readonly seq: number; readonly id: string }
  | { readonly type: 'status'; readonly status: Status }
  /** The server's history is another one than the one followed: read again. */
  | { readonly type: 'reset' };

/** The one websocket. It reconnects, resumes and acknowledges by itself. */
export interface IJobsStream {
  readonly state: ConnectionState;
  readonly stateChanged: ISignal<IJobsStream, ConnectionState>;
  readonly jobEvent: ISignal<IJobsStream, JobEvent>;

  /** Every change after `seq` arrives as `jobEvent`, over any reconnect. */
  followJobs(seq: number): void;

  /**
   * Streams a job's log into `sink` until the subscription is disposed.
   * Bytes arrive in order, once each, over any reconnect; those that are gone
   * are told in their place.
   */
  followLog(job: string, start: ILogStart, sink: ILogSink): IDisposable;
}

/** Begin at a byte exactly, or at the line start `tail` bytes before the end. */
export interface ILogStart {
  readonly attempt?: number;
  readonly offset?: number;
  readonly tail?: number;
}

/** Bytes `from` to `to` of a log are gone: it is limited. */
export interface ILogSkip {
  readonly from: number;
  readonly to: number;
  /** 0-based number of the line that `to` is in. */
  readonly line: number;
}

export interface ILogSink {
  /**
   * Comes before the first bytes, and again only when the log begins anew
   * (another attempt): then what was shown before is another log.
   */
  begin(at: ILogBegin): void;
  /** Acknowledged when this returns: keep it short. */
  bytes(offset: number, bytes: Uint8Array): void;
  /** The next bytes are those from `to` on. */
  gap(skip: ILogSkip): void;
  /** The last byte of a finished job has been given. */
  end(size: number): void;
  /** The server refuses: unknown job, no permission. Nothing follows. */
  refused(problem: { code: string; message: string; hint: string }): void;
}

export interface ILogBegin {
  readonly attempt: number;
  readonly offset: number;
  /** 0-based number of the line that `offset` starts. */
  readonly line: number;
  /** Bytes in the log when the subscription was made. */
  readonly size: number;
  /** What was gone of the log by then. */
  readonly gap?: LogGap | null;
}

/** What changed; `reset` means that everything may have. */
export type JobsChange =
  | { readonly type: 'reset' }
  | { readonly type: 'set'; readonly job: Job }
  | { readonly type: 'removed'; readonly id: string };

/**
 * All jobs of this server, live: where changes come from and actions go to.
 * Lists (model/joblist) and single jobs are made on top of it.
 */
export interface IJobs {
  readonly client: IJobsClient;
  readonly stream: IJobsStream;
  readonly status: Status | null;
  /** Why the first answer has not come yet; it is asked for again. */
  readonly problem: Error | null;
  /** `status` or `problem` is another. */
  readonly statusChanged: ISignal<IJobs, void>;
  readonly changed: ISignal<IJobs, JobsChange>;

  /**
   * Resolves when changes are followed; it waits for a server that is away,
   * and when called again asks it at once.
   */
  start(): Promise<void>;
  /** The newest known state of a job that was seen in this window. */
  get(id: string): Job | undefined;
  /** A model of one job, read from the server when it was not seen yet. */
  open(id: string): IJobModel;
  /** Takes in what a list has read from the server. */
  learn(jobs: readonly Job[]): void;

  submit(request: SubmitRequest): Promise<Job>;
  cancel(id: string, force?: boolean): Promise<Job>;
  /**
   * What a press of Stop means: a stop, and while the job is stopping, a kill.
   * The second press of a double-click means nothing.
   */
  stop(id: string): Promise<void>;
  setPriority(id: string, priority: number): Promise<Job>;
  /** resume: go on from its checkpoints. */
  rerun(id: string, resume?: boolean): Promise<Job>;
  remove(id: string, options?: IDeleteOptions): Promise<DeletedJob>;

  readonly queue: IQueue;
}

/** Why queued jobs wait, asked for as long as somebody watches one of them. */
export interface IQueue {
  readonly changed: ISignal<IQueue, void>;
  /** Undefined when it is not known, or no longer. */
  get(id: string): Wait | undefined;
  watch(id: string): IDisposable;
}

/** What the attempts of one job came to, oldest first. */
export interface IAttempts extends IDisposable {
  readonly items: readonly Attempt[];
  readonly changed: ISignal<IAttempts, void>;
}

/** Jobs that match a filter, newest first, read page by page, kept live. */
export interface IJobList extends IDisposable {
  readonly items: readonly Job[];
  /** Whether the server has older ones than those loaded. */
  readonly hasMore: boolean;
  readonly phase: 'loading' | 'ready' | 'failed';
  readonly problem: Error | null;
  readonly filter: IJobFilter;
  readonly changed: ISignal<IJobList, void>;
  setFilter(filter: IJobFilter): void;
  reload(): Promise<void>;
  loadMore(): Promise<void>;
}

export interface IJobFilter {
  readonly q: string;
  /** Empty means any state. */
  readonly states: readonly State[];
}

/** One job, live. `job` is null until it was read, and after its deletion. */
export interface IJobModel extends IDisposable {
  readonly id: string;
  readonly job: Job | null;
  /** Set when the job cannot be read, for instance because it was deleted. */
  readonly problem: Error | null;
  readonly changed: ISignal<IJobModel, void>;
}

/**
 * What every view of one job is made from. Its room's index offers one
 * function: `createLogsView` in widgets/logs, `createDataView` in widgets/data,
 * each `(options: IJobViewOptions) => Widget`, loaded when first shown.
 */
export interface IJobViewOptions {
  readonly job: IJobModel;
  readonly client: IJobsClient;
  readonly stream: IJobsStream;
  readonly translator: ITranslator;
  /** A canvas does not follow CSS variables by itself. */
  readonly themeChanged: ISignal<unknown, unknown> | null;
  /** Shows a line of a file of the server in an editor. */
  goTo(at: ISourcePosition): void;
}

/** `line` and `column` are 1-based, as Python prints them. */
export interface ISourcePosition {
  readonly path: string;
  readonly line: number;
  readonly column?: number;
}

export const IJobs = new Token<IJobs>(
  'jupyter-datachain-jobs:IJobs',
  'All DataChain jobs of this server, live, and what can be done with them.'
);
