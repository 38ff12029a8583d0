// Written by hand in the shape that `jlpm wire` gives, until the server's OpenAPI document exists.
export interface components {
  schemas: {
    State:
      | 'CREATED'
      | 'SCHEDULED'
      | 'QUEUED'
      | 'INIT'
      | 'RUNNING'
      | 'COMPLETE'
      | 'FAILED'
      | 'CANCELING'
      | 'CANCELED';
    ContextLine: { line: number; text: string };
    Frame: {
      path: string;
      line: number;
      function: string;
      text: string;
      context: components['schemas']['ContextLine'][];
    };
    JobError: {
      code: string;
      message: string;
      hint: string;
      exception: string | null;
      traceback: string | null;
      frame: components['schemas']['Frame'] | null;
    };
    Progress: {
      phase: string;
      label: string | null;
      done: number | null;
      total: number | null;
      rate: number | null;
    };
    Settings: { workers: number; parameters: { [key: string]: string } };
    ScriptRef: { path: string; sha256: string; size: number };
    Job: {
      id: string;
      name: string;
      kind: 'script';
      state: components['schemas']['State'];
      revision: number;
      seq: number;
      owner: string;
      cluster: string;
      script: components['schemas']['ScriptRef'];
      settings: components['schemas']['Settings'];
      progress: components['schemas']['Progress'] | null;
      exit_code: number | null;
      attempt: number;
      error: components['schemas']['JobError'] | null;
      log_size: number | null;
      created_at: string;
      queued_at: string | null;
      started_at: string | null;
      finished_at: string | null;
      cancel_requested_at: string | null;
    };
    JobPage: {
      items: components['schemas']['Job'][];
      next: string | null;
      seq: number;
    };
    SubmitBody: {
      script: { path: string; text?: string | null };
      name?: string | null;
      settings?: {
        workers?: number;
        parameters?: { [key: string]: string };
      };
    };
    Deleted: { id: string; removed: { log_bytes: number; files: number } };
    ScriptText: { path: string; text: string; sha256: string };
    Template: { name: string; text: string };
    Status: {
      version: string;
      protocol: number;
      server_id: string;
      max_workers: number;
      busy_workers: number;
      queued: number;
      running: number;
      datachain_version: string | null;
      root_dir_writable: boolean;
    };
    ErrorBody: {
      code: string;
      message: string;
      hint: string;
      details: { [key: string]: unknown } | null;
    };
    LogLines: {
      offset: number;
      line: number;
      next_offset: number;
      total_lines: number;
      size: number;
      complete: boolean;
    };
    DatasetVersion: {
      uuid: string;
      name: string;
      namespace: string;
      project: string;
      full_name: string;
      version: string;
      num_rows: number | null;
      size: number | null;
      created_at: string;
      status: string;
      created_by_job: boolean;
      job_id: string | null;
    };
    DatasetList: { items: components['schemas']['DatasetVersion'][] };
    Column: { name: string; path: string[]; type: string; hidden: boolean };
    DatasetDetail: components['schemas']['DatasetVersion'] & {
      columns: components['schemas']['Column'][];
    };
    RowPage: {
      uuid: string;
      offset: number;
      limit: number;
      total: number;
      columns: string[];
      rows: unknown[][];
      truncated: number[][];
    };
  };
}

export type State = components['schemas']['State'];
export type ContextLine = components['schemas']['ContextLine'];
export type Frame = components['schemas']['Frame'];
export type JobError = components['schemas']['JobError'];
export type Progress = components['schemas']['Progress'];
export type Job = components['schemas']['Job'];
export type JobPage = components['schemas']['JobPage'];
export type SubmitBody = components['schemas']['SubmitBody'];
export type Deleted = components['schemas']['Deleted'];
export type ScriptText = components['schemas']['ScriptText'];
export type Template = components['schemas']['Template'];
export type Status = components['schemas']['Status'];
export type ErrorBody = components['schemas']['ErrorBody'];
export type LogLines = components['schemas']['LogLines'];
export type DatasetVersion = components['schemas']['DatasetVersion'];
export type DatasetList = components['schemas']['DatasetList'];
export type Column = components['schemas']['Column'];
export type DatasetDetail = components['schemas']['DatasetDetail'];
export type RowPage = components['schemas']['RowPage'];
