import { beforeEach, describe, expect, it } from 'vitest';

import { JobList } from '../joblist';
import { Jobs } from '../jobs';
import { aJob, FakeServer, later, settle } from './fakes';

let server: FakeServer;
let jobs: Jobs;

beforeEach(() => {
  server = new FakeServer();
  jobs = new Jobs(server.client, server.stream);
});

async function listed(): Promise<JobList> {
  const list = new JobList(jobs);
  await settle();
  return list;
}

const ids = (list: JobList): string[] => list.items.map(job => job.id);

describe('a list of jobs', () => {
  it('is newest first, and follows changes from before its first page', async () => {
    const [a, b, c] = [aJob(), aJob(), aJob()];
    server.add(b, c, a);
    server.seq = 7;
    const list = await listed();
    expect(ids(list)).toEqual([c.id, b.id, a.id]);
    expect(list.phase).toBe('ready');
    expect(server.stream.followed).toBe(7);
  });

  it('puts new jobs on top and changes others in place', async () => {
    const [a, b] = [aJob(), aJob()];
    server.add(a, b);
    const list = await listed();
    const c = aJob();
    server.tell(c);
    server.tell(later(a, { state: 'RUNNING' }));
    expect(ids(list)).toEqual([c.id, b.id, a.id]);
    expect(list.items[2].state).toBe('RUNNING');
  });

  it('reads older pages on demand, each job once', async () => {
    const all = Array.from({ length: 120 }, () => aJob());
    server.add(...all);
    const list = await listed();
    expect(list.items).toHaveLength(50);
    expect(list.hasMore).toBe(true);
    await list.loadMore();
    await list.loadMore();
    expect(list.items).toHaveLength(120);
    expect(list.hasMore).toBe(false);
    expect(new Set(ids(list)).size).toBe(120);
  });

  it('leaves a change of a job that is not loaded to its page', async () => {
    const all = Array.from({ length: 60 }, () => aJob());
    server.add(...all);
    const list = await listed();
    server.tell(later(all[0], { state: 'RUNNING' }));
    expect(list.items).toHaveLength(50);
    await list.loadMore();
    expect(list.items[59].state).toBe('RUNNING');
  });

  it('does not lose what happens while a page is on its way', async () => {
    const [a, b] = [aJob(), aJob()];
    server.add(a, b);
    const c = aJob();
    server.meanwhile = () => {
      server.tell(c);
      server.tell(later(b, { state: 'COMPLETE' }));
      server.forget(a.id);
    };
    const list = await listed();
    expect(ids(list)).toEqual([c.id, b.id]);
    expect(list.items[1].state).toBe('COMPLETE');
  });

  it('drops deleted jobs, whoever deleted them', async () => {
    const [a, b, c] = [aJob(), aJob(), aJob()];
    server.add(a, b, c);
    const list = await listed();
    server.forget(b.id);
    await jobs.remove(a.id);
    expect(ids(list)).toEqual([c.id]);
    // An answer that was on its way does not bring it back.
    jobs.learn([later(a, {})]);
    expect(ids(list)).toEqual([c.id]);
  });

  it('asks the server for a filter, and matches live changes itself', async () => {
    const [a, b] = [aJob({ name: 'clean.py' }), aJob({ name: 'train.py' })];
    server.add(a, b);
    const list = await listed();
    list.setFilter({ q: 'clean', states: [] });
    await settle();
    expect(server.asked[server.asked.length - 1].q).toBe('clean');
    server.tell(aJob({ name: 'other.py', script: b.script }));
    expect(ids(list)).toEqual([a.id]);
  });

  it('lets go of a job that leaves the filter', async () => {
    const a = aJob({ state: 'RUNNING' });
    server.add(a);
    const list = await listed();
    list.setFilter({ q: '', states: ['RUNNING'] });
    await settle();
    expect(ids(list)).toEqual([a.id]);
    server.tell(later(a, { state: 'COMPLETE' }));
    expect(ids(list)).toEqual([]);
  });

  it('says why it cannot be read, and reads again', async () => {
    const list = await listed();
    server.refusal = new Error('forbidden');
    await list.reload();
    expect(list.phase).toBe('failed');
    expect(list.problem?.message).toBe('forbidden');
    server.refusal = null;
    server.add(aJob());
    await list.reload();
    expect(list.phase).toBe('ready');
    expect(list.problem).toBeNull();
    expect(list.items).toHaveLength(1);
  });

  it('reads everything again after a reset', async () => {
    server.add(aJob(), aJob());
    const list = await listed();
    server.jobs.clear();
    const only = aJob();
    server.add(only);
    server.stream.emit({ type: 'reset' });
    await settle();
    expect(ids(list)).toEqual([only.id]);
  });
});

describe('a job', () => {
  it('keeps the newest state, in whatever order answers come', async () => {
    const job = aJob();
    server.add(job);
    await jobs.start();
    server.tell(later(later(job, {}), { state: 'RUNNING' }));
    jobs.learn([later(job, { state: 'INIT' })]);
    expect(jobs.get(job.id)?.state).toBe('RUNNING');
  });

  it('is read when it was not seen, and follows its changes', async () => {
    const job = aJob();
    server.add(job);
    const model = jobs.open(job.id);
    expect(model.job).toBeNull();
    await settle();
    expect(model.job?.id).toBe(job.id);
    server.tell(later(job, { state: 'FAILED' }));
    expect(model.job?.state).toBe('FAILED');
    server.forget(job.id);
    expect(model.job).toBeNull();
    expect(model.problem).toBeNull();
  });

  it('says that it does not exist', async () => {
    const model = jobs.open('nothing');
    await settle();
    expect(model.problem?.message).toBe('job_not_found');
  });

  it('is polled for while the websocket is away', async () => {
    const job = aJob();
    server.add(job);
    await jobs.start();
    server.stream.state = 'reconnecting';
    server.stream.stateChanged.emit('reconnecting');
    server.jobs.set(job.id, later(job, { state: 'COMPLETE' }));
    await settle();
    expect(jobs.get(job.id)?.state).toBe('COMPLETE');
    server.stream.state = 'live';
    server.stream.stateChanged.emit('live');
  });
});
