import { expect, it, vi } from 'vitest';

import type { IJobsClient, ILogQuery, ILogSink } from '../../tokens';
import { PastAttempt } from '../pastattempt';

it('reads the log of its attempt by REST, to its end', async () => {
  vi.useFakeTimers();
  const logs: Record<number, string> = { 1: 'one\ntwo\n', 2: 'live' };
  const base = {
    job: async () => ({ attempt: 2 }),
    readLog: async (_: string, { attempt = 2, offset = 0 }: ILogQuery) => {
      const log = logs[attempt];
      const at = offset < 0 ? Math.max(0, log.length + offset) : offset;
      const bytes = new TextEncoder().encode(log.slice(at));
      return { offset: at, bytes, size: log.length, complete: attempt < 2 };
    },
    locateLines: async () => ({ offset: 0, line: 0, size: 8 }),
    logUrl: (id: string, attempt?: number) => `${id}?attempt=${attempt}`
  } as unknown as IJobsClient;
  const past = new PastAttempt(base, 1);
  let text = '';
  let size = -1;
  const begun: number[] = [];
  const sink = {
    begin: at => begun.push(at.attempt),
    bytes: (_, bytes) => {
      text += new TextDecoder().decode(bytes);
    },
    end: at => {
      size = at;
    },
    refused: () => undefined
  } as ILogSink;
  const following = past.stream.followLog('job', { tail: 100 }, sink);
  await vi.advanceTimersByTimeAsync(100);
  expect([text, size, begun]).toEqual(['one\ntwo\n', 8, [1]]);
  expect(past.client.logUrl('job')).toBe('job?attempt=1');
  const asked = vi.spyOn(base, 'readLog');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).not.toHaveBeenCalled();
  following.dispose();
  vi.useRealTimers();
});
