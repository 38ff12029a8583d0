import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Jobs } from '../jobs';
import { ScriptSession } from '../session';
import { aJob, FakeServer, later, settle } from './fakes';

let server: FakeServer;
let session: ScriptSession;

beforeEach(() => {
  server = new FakeServer();
  session = new ScriptSession(new Jobs(server.client, server.stream));
  session.runs.setPath('a.py');
});

afterEach(() => vi.useRealTimers());

const of = (path: string, fields = {}) =>
  aJob({ script: { path, sha256: '', size: 1 }, ...fields });

describe('a script', () => {
  it('knows its newest run, from before and from other windows', async () => {
    const [old, newer, other] = [of('a.py'), of('a.py'), of('b.py')];
    server.add(old, newer, other);
    session.runs.setPath('b.py');
    session.runs.setPath('a.py');
    await settle();
    expect(session.job?.id).toBe(newer.id);
    const newest = of('a.py');
    server.tell(newest);
    server.tell(later(old, { state: 'COMPLETE' }));
    server.tell(of('b.py'));
    expect(session.job?.id).toBe(newest.id);
  });

  it('falls back to the run before when the newest is deleted', async () => {
    const [old, newer] = [of('a.py'), of('a.py')];
    server.add(old, newer);
    await settle();
    session.runs.setPath('x');
    session.runs.setPath('a.py');
    await settle();
    server.forget(newer.id);
    await settle();
    expect(session.job?.id).toBe(old.id);
  });

  it('keeps its last run under a new name', async () => {
    const job = of('a.py');
    server.add(job);
    session.runs.setPath('');
    session.runs.setPath('a.py');
    await settle();
    session.runs.setPath('renamed.py', true);
    await settle();
    expect(session.job?.id).toBe(job.id);
    server.tell(later(job, { state: 'RUNNING' }));
    expect(session.job?.state).toBe('RUNNING');
  });

  it('submits once for two presses', async () => {
    const started: string[] = [];
    session.started.connect((_, job) => started.push(job.id));
    await Promise.all([session.run('x = 1'), session.run('x = 1')]);
    expect(started).toHaveLength(1);
    expect(session.job?.id).toBe(started[0]);
    expect(session.submitting).toBe(false);
  });

  it('keeps a refusal until something works', async () => {
    server.refusal = new Error('invalid syntax');
    await session.run('x =');
    expect(session.problem?.message).toBe('invalid syntax');
    expect(session.submitting).toBe(false);
    server.refusal = null;
    await session.run('x = 1');
    expect(session.problem).toBeNull();
  });

  it('stops, and kills when asked again, but not by a double-click', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await session.run('x');
    await Promise.all([session.stop(), session.stop()]);
    expect(session.job?.state).toBe('CANCELING');
    vi.advanceTimersByTime(900);
    await session.stop();
    expect(session.job?.state).toBe('CANCELING');
    vi.advanceTimersByTime(200);
    await session.stop();
    expect(session.job?.state).toBe('CANCELED');
  });

  it('counts a stop of another window from when it is seen', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await session.run('x');
    server.tell(later(session.job!, { state: 'CANCELING' }));
    await session.stop();
    expect(session.job?.state).toBe('CANCELING');
    vi.advanceTimersByTime(1100);
    await session.stop();
    expect(session.job?.state).toBe('CANCELED');
  });
});

describe('whether a script is about DataChain', () => {
  it.each([
    ['import datachain as dc', true],
    ['    from datachain.lib import x', true],
    ['import os\nfrom datachain import C', true],
    ['# import datachain', false],
    ['import datachainx', false],
    ['', false]
  ])('%j: %s', (text, expected) => {
    expect(ScriptSession.importsDataChain(text)).toBe(expected);
  });
});
