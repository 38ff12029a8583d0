import { Signal } from '@lumino/signaling';

import type {
  Attempt,
  ConnectionState,
  IJobsClient,
  IJobsQuery,
  IJobsStream,
  Job,
  JobEvent,
  JobPage,
  SubmitRequest,
  Wait
} from '../../tokens';
import { newestFirst } from '../states';

let made = 0;

export function aJob(fields: Partial<Job> = {}): Job {
  const number = ++made;
  const at = new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString();
  return {
    id: `job-${number}`,
    name: `script${number}.py`,
    kind: 'script',
    state: 'QUEUED',
    revision: 1,
    seq: number,
    owner: 'ann',
    cluster: 'local',
    script: { path: `work/script${number}.py`, sha256: '', size: 1 },
    settings: {
      workers: 1,
      parameters: {},
      priority: 5,
      timeout: null,
      retries: { count: 0, backoff: 10, on: [] }
    },
    progress: null,
    exit_code: null,
    attempt: 0,
    error: null,
    log_size: null,
    created_at: at.replace('Z', '000Z'),
    queued_at: null,
    not_before: null,
    started_at: null,
    finished_at: null,
    cancel_requested_at: null,
    ...fields
  };
}

export function aWait(id: string, fields: Partial<Wait> = {}): Wait {
  return {
    job_id: id,
    hold: 'order',
    position: 3,
    ahead: 2,
    ahead_workers: 2,
    message: '2 jobs are before it.',
    blockers: [],
    estimate: null,
    until: null,
    ...fields
  };
}

/** A later state of a job. */
export function later(job: Job, fields: Partial<Job>): Job {
  return { ...job, revision: job.revision + 1, ...fields };
}

/** The server behind both doors: what it holds can be read and is told. */
export class FakeServer {
  readonly jobs = new Map<string, Job>();
  readonly stream = new FakeStream();
  readonly asked: IJobsQuery[] = [];
  waits: Wait[] = [];
  queueAsked = 0;
  attempts: Attempt[] = [];
  attemptsAsked = 0;
  seq = 0;
  refusal: Error | null = null;
  /** Runs between the reading of a page and its arrival. */
  meanwhile: (() => void) | null = null;

  readonly client = {
    listJobs: (query: IJobsQuery) => this._page(query),
    job: async (id: string) => {
      const job = this.jobs.get(id);
      if (!job) {
        throw new Error('job_not_found');
      }
      return job;
    },
    submit: async (request: SubmitRequest) => {
      if (this.refusal) {
        throw this.refusal;
      }
      const job = aJob({ script: { ...request.script, sha256: '', size: 1 } });
      this.jobs.set(job.id, job);
      return job;
    },
    cancel: async (id: string, force?: boolean) => {
      const job = later(this.jobs.get(id)!, {
        state: force ? 'CANCELED' : 'CANCELING'
      });
      this.jobs.set(id, job);
      return job;
    },
    setPriority: async (id: string, priority: number) => {
      const job = this.jobs.get(id)!;
      const settings = { ...job.settings, priority };
      this.jobs.set(id, later(job, { settings }));
      return this.jobs.get(id)!;
    },
    queue: async () => {
      this.queueAsked++;
      if (this.refusal) {
        throw this.refusal;
      }
      return { items: this.waits };
    },
    wait: async (id: string) => aWait(id, { position: 900 }),
    attempts: async () => {
      this.attemptsAsked++;
      if (this.refusal) {
        throw this.refusal;
      }
      return this.attempts;
    },
    deleteJob: async (id: string) => {
      this.jobs.delete(id);
      return {
        id,
        removed: {
          log_bytes: 0,
          snapshot_bytes: 0,
          files: 0,
          bytes: 0,
          datasets: []
        },
        kept_datasets: []
      };
    },
    status: () => Promise.reject(new Error('not asked for'))
  } as unknown as IJobsClient;

  add(...jobs: Job[]): void {
    jobs.forEach(job => this.jobs.set(job.id, job));
  }

  tell(job: Job): void {
    this.jobs.set(job.id, job);
    this.stream.emit({ type: 'job', seq: ++this.seq, job });
  }

  forget(id: string): void {
    this.jobs.delete(id);
    this.stream.emit({ type: 'job_deleted', seq: ++this.seq, id });
  }

  private async _page(query: IJobsQuery): Promise<JobPage> {
    this.asked.push(query);
    if (this.refusal) {
      throw this.refusal;
    }
    const all = [...this.jobs.values()]
      .filter(job => !query.state?.length || query.state.includes(job.state))
      .filter(job => !query.q || job.name.includes(query.q))
      .filter(job => !query.script || job.script.path === query.script)
      .sort(newestFirst);
    const from = Number(query.cursor ?? 0);
    const to = from + (query.limit ?? 50);
    const page = {
      items: all.slice(from, to),
      next: to < all.length ? String(to) : null,
      seq: this.seq
    };
    const { meanwhile } = this;
    if (meanwhile && query.limit !== 1) {
      this.meanwhile = null;
      meanwhile();
    }
    return page;
  }
}

export class FakeStream implements IJobsStream {
  state: ConnectionState = 'live';
  readonly stateChanged = new Signal<this, ConnectionState>(this);
  readonly jobEvent = new Signal<this, JobEvent>(this);
  followed: number | null = null;

  followJobs(seq: number): void {
    this.followed = seq;
  }

  followLog(): never {
    throw new Error('not in these tests');
  }

  emit(event: JobEvent): void {
    this.jobEvent.emit(event);
  }
}

/** Lets promises and the first tick of polls run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
