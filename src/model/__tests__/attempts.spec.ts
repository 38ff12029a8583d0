import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Job } from '../../tokens';
import { Attempts } from '../attempts';
import { Jobs } from '../jobs';
import { attemptOf, dueIn, waitsForRetry } from '../states';
import { aJob, FakeServer, later } from './fakes';

let server: FakeServer;
let job: Job;
let attempts: Attempts;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  const jobs = new Jobs(server.client, server.stream);
  job = aJob({ state: 'RUNNING', attempt: 1 });
  server.tell(job);
  attempts = new Attempts(jobs.open(job.id), server.client);
});

afterEach(() => vi.useRealTimers());

const tell = async (fields: Partial<Job>): Promise<void> => {
  job = later(job, fields);
  server.tell(job);
  await vi.advanceTimersByTimeAsync(10);
};

it('are read when one ends or begins, and not for a first one', async () => {
  await tell({ progress: null });
  expect(server.attemptsAsked).toBe(0);
  await tell({ state: 'QUEUED' });
  await tell({ state: 'INIT', attempt: 2 });
  await tell({ state: 'RUNNING' });
  await tell({ progress: null });
  expect(server.attemptsAsked).toBe(3);
});

it('are asked for again after a refusal', async () => {
  server.refusal = new Error('503');
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  await tell({ state: 'QUEUED' });
  server.refusal = null;
  await vi.advanceTimersByTimeAsync(6000);
  expect(server.attemptsAsked).toBe(2);
  attempts.dispose();
  expect(warn).toHaveBeenCalledOnce();
});

it('count the one that is waited for', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const retry = later(job, {
    state: 'QUEUED',
    not_before: '2026-01-01T00:00:25.000000Z'
  });
  expect([attemptOf(job), attemptOf(retry)]).toEqual([1, 2]);
  expect([waitsForRetry(job), waitsForRetry(retry)]).toEqual([false, true]);
  expect(dueIn(retry, now)).toBe(25_000);
  expect(dueIn(retry, now + 26_000)).toBeNull();
  expect(dueIn(job, now)).toBeNull();
});
