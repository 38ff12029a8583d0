import { Poll } from '@lumino/polling';

import type { IJobsClient, ILogStart, LogLines } from '../tokens';
import type { LogChannel } from './logchannel';

const FREQUENCY = { interval: 2000, max: 30_000, backoff: true };
/** What the server begins with when a subscription does not say. */
const TAIL = 262_144;
const CHUNK = 1024 * 1024;

type ILogPlace = Pick<LogLines, 'offset' | 'line' | 'size' | 'gap'>;

/**
 * Reads logs by REST while there is no websocket: some proxies let none
 * through. Bytes go the same way as those of frames, so that nothing is lost
 * or repeated when the websocket comes back.
 */
export class LogPoller {
  constructor(
    private readonly _client: IJobsClient,
    private readonly _channels: () => readonly LogChannel[]
  ) {
    this._poll = new Poll({
      auto: false,
      name: 'jupyter-datachain-jobs:logs',
      factory: async () => {
        for (const channel of this._channels()) {
          await this._step(channel);
        }
      },
      frequency: FREQUENCY
    });
  }

  start(): void {
    void this._poll.start();
  }

  stop(): void {
    void this._poll.stop();
  }

  dispose(): void {
    this._poll.dispose();
  }

  private async _step(channel: LogChannel): Promise<void> {
    const { job } = channel;
    const start = channel.waiting();
    if (start) {
      channel.subscribed(await this._begin(job, start));
    }
    let at = channel.position();
    while (at) {
      const { attempt, offset } = at;
      const chunk = await this._client.readLog(job, {
        attempt,
        offset,
        limit: CHUNK
      });
      if (chunk.offset > offset) {
        const to = chunk.offset;
        const { line } = await this._client.locateLines(job, { offset: to });
        channel.gap({ attempt, from: offset, to, line });
      }
      channel.frame({ job, attempt, offset: chunk.offset, bytes: chunk.bytes });
      const end = chunk.offset + chunk.bytes.length;
      if (chunk.complete && end >= chunk.size) {
        channel.end(attempt, end);
      }
      at = chunk.bytes.length === CHUNK ? channel.position() : null;
    }
  }

  /** The same answer as the websocket gives to a subscription. */
  private async _begin(
    job: string,
    { offset, tail }: ILogStart
  ): Promise<Parameters<LogChannel['subscribed']>[0]> {
    const { attempt } = await this._client.job(job);
    let place: ILogPlace = { offset: 0, line: 0, size: 0, gap: null };
    if (attempt > 0) {
      const near =
        offset ??
        (await this._client.readLog(job, { offset: -(tail ?? TAIL), limit: 1 }))
          .offset;
      place = await this._client.locateLines(job, { offset: near });
    }
    return { type: 'subscribed', channel: 'log', job, attempt, ...place };
  }

  private readonly _poll: Poll;
}
