import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type {
  IJobsClient,
  IJobsStream,
  ILogSink,
  ILogStart,
  IPastAttempt,
  JobEvent,
  ConnectionState
} from '../tokens';
import { LogChannel } from './logchannel';
import { LogPoller } from './logpoller';

/**
 * The doors of a job as it was in an attempt that is over. Its log grows no
 * more, so it is read by REST: the one subscription of the websocket stays with
 * the attempt of today.
 */
export class PastAttempt implements IPastAttempt {
  constructor(client: IJobsClient, attempt: number) {
    this.client = Object.assign(Object.create(client) as IJobsClient, {
      job: async (id: string) => ({ ...(await client.job(id)), attempt }),
      readLog: ((id, query, abort) =>
        client.readLog(
          id,
          { ...query, attempt },
          abort
        )) satisfies IJobsClient['readLog'],
      locateLines: ((id, query, abort) =>
        client.locateLines(
          id,
          { ...query, attempt },
          abort
        )) satisfies IJobsClient['locateLines'],
      logUrl: (id: string) => client.logUrl(id, attempt)
    });
    this.stream = new PastStream(this.client);
  }

  readonly client: IJobsClient;
  readonly stream: IJobsStream;
}

class PastStream implements IJobsStream {
  constructor(private readonly _client: IJobsClient) {}

  readonly state: ConnectionState = 'live';
  readonly stateChanged = new Signal<this, ConnectionState>(this);
  readonly jobEvent = new Signal<this, JobEvent>(this);

  followJobs(): void {
    // What is over does not change.
  }

  followLog(job: string, start: ILogStart, sink: ILogSink): IDisposable {
    const nothing = (): void => undefined;
    const channel = new LogChannel(job, nothing, nothing);
    const poller = new LogPoller(this._client, () => [channel]);
    const following = channel.add(start, sink);
    poller.start();
    return new DisposableDelegate(() => {
      following.dispose();
      poller.dispose();
    });
  }
}
