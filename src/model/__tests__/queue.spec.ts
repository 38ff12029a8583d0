import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Job } from '../../tokens';
import { Jobs } from '../jobs';
import { aJob, aWait, FakeServer, later } from './fakes';

let server: FakeServer;
let jobs: Jobs;
let job: Job;
const wait = (milliseconds: number) =>
  vi.advanceTimersByTimeAsync(milliseconds);

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  jobs = new Jobs(server.client, server.stream);
  job = aJob();
  server.tell(job);
  server.waits = [aWait(job.id)];
});

afterEach(() => vi.useRealTimers());

describe('the queue', () => {
  it('asks only while somebody watches', async () => {
    await wait(60_000);
    expect(server.queueAsked).toBe(0);
    const one = jobs.queue.watch(job.id);
    const two = jobs.queue.watch(job.id);
    await wait(10);
    expect(server.queueAsked).toBe(1);
    expect(jobs.queue.get(job.id)?.position).toBe(3);
    one.dispose();
    await wait(15_000);
    expect(server.queueAsked).toBe(2);
    two.dispose();
    server.tell(later(job, { state: 'INIT' }));
    await wait(60_000);
    expect(server.queueAsked).toBe(2);
    // And again when a row comes back.
    jobs.queue.watch(job.id);
    await wait(10);
    expect(server.queueAsked).toBe(3);
  });

  it('asks once for a burst of changes, and not for progress', async () => {
    jobs.queue.watch(job.id);
    const other = aJob({ state: 'RUNNING' });
    server.tell(other);
    await wait(1000);
    const before = server.queueAsked;
    for (let i = 0; i < 20; i++) {
      server.tell(later({ ...other, revision: 10 + i }, {}));
    }
    await wait(1000);
    expect(server.queueAsked).toBe(before);
    for (let i = 0; i < 20; i++) {
      server.tell(aJob());
    }
    server.tell(later({ ...other, revision: 99 }, { state: 'COMPLETE' }));
    await wait(1000);
    expect(server.queueAsked).toBe(before + 1);
  });

  it('asks soon after a change of a priority', async () => {
    jobs.queue.watch(job.id);
    await wait(1000);
    const before = server.queueAsked;
    server.waits = [aWait(job.id, { position: 1 })];
    await jobs.setPriority(job.id, 9);
    await wait(400);
    expect(server.queueAsked).toBe(before + 1);
    expect(jobs.queue.get(job.id)?.position).toBe(1);
  });

  it('keeps an answer over a refusal for a while, and asks again', async () => {
    jobs.queue.watch(job.id);
    await wait(10);
    server.refusal = new Error('503');
    await wait(30_000);
    expect(jobs.queue.get(job.id)).toBeDefined();
    await wait(120_000);
    expect(jobs.queue.get(job.id)).toBeUndefined();
    server.refusal = null;
    await wait(61_000);
    expect(jobs.queue.get(job.id)).toBeDefined();
  });

  it('asks for a job beyond what the server lists, alone', async () => {
    server.waits = [];
    jobs.queue.watch(job.id);
    await wait(10);
    expect(jobs.queue.get(job.id)?.position).toBe(900);
  });
});
