/** What goes over the websocket as JSON text, both ways. */
import type { Job, Status } from '../tokens';

export type ServerMessage =
  | { type: 'hello'; protocol: number; version: string; server_id: string }
  | { type: 'subscribed'; channel: 'jobs'; seq: number }
  | ILogSubscribed
  | { type: 'job'; seq: number; job: Job }
  | { type: 'job_deleted'; seq: number; id: string }
  | { type: 'status'; status: Status }
  | { type: 'log_end'; job: string; attempt: number; size: number }
  | IRefusal
  | { type: 'pong' };

export interface ILogSubscribed {
  type: 'subscribed';
  channel: 'log';
  job: string;
  attempt: number;
  offset: number;
  line: number;
  size: number;
}

export interface IRefusal {
  type: 'error';
  code: string;
  message: string;
  hint: string;
  op?: string;
  channel?: string;
  job?: string;
}

export type ClientMessage =
  | { op: 'subscribe'; channel: 'jobs'; seq?: number }
  | {
      op: 'subscribe';
      channel: 'log';
      job: string;
      attempt?: number;
      offset?: number;
      tail?: number;
    }
  | { op: 'unsubscribe'; channel: 'jobs' | 'log'; job?: string }
  | { op: 'ack'; job: string; offset: number }
  | { op: 'ping' };
