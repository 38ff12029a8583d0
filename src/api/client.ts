import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type {
  Attempt,
  DatasetDetail,
  DatasetVersion,
  IDeleteOptions,
  IJobsClient,
  IJobsQuery,
  ILogChunk,
  ILogQuery,
  IPastAttempt,
  Job,
  JobPage,
  LogLines,
  Queue,
  RowPage,
  ScriptSnapshot,
  Status,
  SubmitRequest,
  Template,
  Wait
} from '../tokens';
import { fromResponse, unreachable } from './errors';
import { PastAttempt } from './pastattempt';
import type { Attempts, DatasetVersions, DeletedJob } from './wire';

type Query = Record<string, string | number | undefined>;

/** The REST doors of the server extension. It keeps no state. */
export class JobsClient implements IJobsClient {
  constructor(
    private readonly _settings: ServerConnection.ISettings = ServerConnection.makeSettings()
  ) {}

  status(): Promise<Status> {
    return this._json('GET', 'status');
  }

  template(): Promise<Template> {
    return this._json('GET', 'template');
  }

  listJobs(query: IJobsQuery): Promise<JobPage> {
    const { state, ...rest } = query;
    return this._json('GET', 'jobs', {
      query: { ...rest, state: state?.length ? state.join(',') : undefined }
    });
  }

  job(id: string): Promise<Job> {
    return this._json('GET', jobPath(id));
  }

  submit(request: SubmitRequest): Promise<Job> {
    return this._json('POST', 'jobs', { body: request });
  }

  cancel(id: string, force = false): Promise<Job> {
    return this._json('POST', jobPath(id, 'cancel'), { body: { force } });
  }

  rerun(id: string, resume = false): Promise<Job> {
    return this._json('POST', jobPath(id, 'rerun'), { body: { resume } });
  }

  deleteJob(id: string, options: IDeleteOptions = {}): Promise<DeletedJob> {
    return this._json('DELETE', jobPath(id), {
      query: { datasets: options.datasets ? 'true' : undefined }
    });
  }

  script(id: string): Promise<ScriptSnapshot> {
    return this._json('GET', jobPath(id, 'script'));
  }

  queue(): Promise<Queue> {
    return this._json('GET', 'queue');
  }

  wait(id: string): Promise<Wait> {
    return this._json('GET', jobPath(id, 'wait'));
  }

  setPriority(id: string, priority: number): Promise<Job> {
    return this._json('POST', jobPath(id, 'priority'), { body: { priority } });
  }

  async attempts(id: string): Promise<Attempt[]> {
    const list = await this._json<Attempts>('GET', jobPath(id, 'attempts'));
    return list.items;
  }

  pastAttempt(attempt: number): IPastAttempt {
    return new PastAttempt(this, attempt);
  }

  async readLog(
    id: string,
    query: ILogQuery,
    abort?: AbortSignal
  ): Promise<ILogChunk> {
    const response = await this._request('GET', jobPath(id, 'log'), {
      query: { ...query },
      abort
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const number = (name: string): number =>
      Number(response.headers.get(name) ?? 0);
    return {
      bytes,
      offset: number('X-Log-Offset'),
      size: number('X-Log-Size'),
      complete: response.headers.get('X-Log-Complete') === 'true'
    };
  }

  locateLines(
    id: string,
    query:
      | { line: number; count?: number; attempt?: number }
      | { offset: number; count?: number; attempt?: number },
    abort?: AbortSignal
  ): Promise<LogLines> {
    return this._json('GET', jobPath(id, 'log/lines'), {
      query: { ...query },
      abort
    });
  }

  logUrl(id: string, attempt?: number): string {
    return this._url(jobPath(id, 'log/download'), { attempt });
  }

  async datasets(jobId: string): Promise<DatasetVersion[]> {
    const list = await this._json<DatasetVersions>(
      'GET',
      jobPath(jobId, 'datasets')
    );
    return list.items;
  }

  dataset(uuid: string): Promise<DatasetDetail> {
    return this._json('GET', `datasets/${encodeURIComponent(uuid)}`);
  }

  findDataset(name: string): Promise<DatasetDetail> {
    return this._json('GET', 'datasets', { query: { name } });
  }

  rows(
    uuid: string,
    query: { offset: number; limit: number },
    abort?: AbortSignal
  ): Promise<RowPage> {
    return this._json('GET', `datasets/${encodeURIComponent(uuid)}/rows`, {
      query,
      abort
    });
  }

  private async _json<T>(
    method: string,
    path: string,
    options: IRequestOptions = {}
  ): Promise<T> {
    const response = await this._request(method, path, options);
    return (await response.json()) as T;
  }

  private async _request(
    method: string,
    path: string,
    { query, body, abort }: IRequestOptions
  ): Promise<Response> {
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(
        this._url(path, query),
        {
          method,
          body: body === undefined ? undefined : JSON.stringify(body),
          signal: abort
        },
        this._settings
      );
    } catch (cause) {
      // Who aborted a request knows why, and is not told that the server is away.
      throw abort?.aborted ? cause : unreachable(cause);
    }
    if (!response.ok) {
      throw await fromResponse(response);
    }
    return response;
  }

  private _url(path: string, query: Query = {}): string {
    const given = Object.entries(query).filter(
      ([, value]) => value !== undefined && value !== ''
    );
    const search = new URLSearchParams(
      given.map(([key, value]) => [key, String(value)])
    ).toString();
    return (
      URLExt.join(this._settings.baseUrl, 'datachain-jobs/api', path) +
      (search ? `?${search}` : '')
    );
  }
}

interface IRequestOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly abort?: AbortSignal;
}

function jobPath(id: string, door?: string): string {
  return ['jobs', encodeURIComponent(id), ...(door ? [door] : [])].join('/');
}
