import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type {
  IJobsClient,
  ILogBegin,
  ILogSink,
  ILogSkip,
  JobEvent
} from '../../tokens';
import { JobsSocket } from '../socket';
import { FakeSocket, settings } from './fakesocket';

const JOB = '0b9f2c1e-5d0f-4c0a-9e7b-00ff10a0b0c0';

class Sink implements ILogSink {
  readonly begun: ILogBegin[] = [];
  text = '';
  ended: number | null = null;
  readonly gaps: ILogSkip[] = [];
  problem: { code: string } | null = null;

  begin(at: ILogBegin): void {
    this.begun.push(at);
    this.text = '';
  }
  bytes(offset: number, bytes: Uint8Array): void {
    this.text += new TextDecoder().decode(bytes);
  }
  gap(skip: ILogSkip): void {
    this.gaps.push(skip);
    this.text += '…';
  }
  end(size: number): void {
    this.ended = size;
  }
  refused(problem: { code: string }): void {
    this.problem = problem;
  }
}

function subscribed(offset: number, attempt = 1, line = 0): object {
  const channel = 'log';
  const type = 'subscribed';
  return { type, channel, job: JOB, attempt, offset, line, size: 99 };
}

/** REST, which polls go to while there is no websocket. */
const rest = {
  log: '',
  /** First and last byte of what the server no longer has. */
  gone: [0, 0],
  complete: false,
  job: async () => ({ attempt: 1 }),
  locateLines: async (_: string, { offset }: { offset: number }) => ({
    offset,
    line: 7,
    size: rest.log.length
  }),
  readLog: async (_: string, query: { offset: number; limit: number }) => {
    const size = rest.log.length;
    const asked =
      query.offset < 0 ? Math.max(0, size + query.offset) : query.offset;
    const [from, to] = rest.gone;
    const offset = asked >= from && asked < to ? to : asked;
    const end = offset < from ? from : size;
    const text = rest.log.slice(offset, Math.min(end, offset + query.limit));
    const bytes = new TextEncoder().encode(text);
    return { offset, bytes, size, complete: rest.complete };
  }
};

let socket: JobsSocket;

/** Lets the poll make its next try. */
const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  socket = new JobsSocket(rest as unknown as IJobsClient, settings());
  rest.log = '';
  rest.gone = [0, 0];
  rest.complete = false;
});

afterEach(() => {
  socket.dispose();
  vi.useRealTimers();
});

describe('jobs', () => {
  it('connects once something is followed, and asks for what came after', async () => {
    await wait(5000);
    expect(FakeSocket.all).toHaveLength(0);
    socket.followJobs(41);
    await wait(10);
    expect(FakeSocket.last.url).toBe(
      'ws://host/user/ann/datachain-jobs/api/ws'
    );
    FakeSocket.last.hello();
    expect(socket.state).toBe('live');
    expect(FakeSocket.last.take()).toEqual([
      { op: 'subscribe', channel: 'jobs', seq: 41 }
    ]);
  });

  it('resumes after the last event that it handed out, and repeats none', async () => {
    const seen: number[] = [];
    socket.jobEvent.connect((_, event: JobEvent) => {
      if (event.type === 'job' || event.type === 'job_deleted') {
        seen.push(event.seq);
      }
    });
    socket.followJobs(1);
    await wait(10);
    const first = FakeSocket.last;
    first.hello();
    first.say({ type: 'job', seq: 2, job: {} });
    first.say({ type: 'job_deleted', seq: 5, id: 'x' });
    first.close();
    expect(socket.state).toBe('reconnecting');
    await wait(2000);
    const second = FakeSocket.last;
    expect(second).not.toBe(first);
    second.hello();
    expect(second.take()).toEqual([
      { op: 'subscribe', channel: 'jobs', seq: 5 }
    ]);
    second.say({ type: 'job', seq: 5, job: {} });
    second.say({ type: 'job', seq: 6, job: {} });
    expect(seen).toEqual([2, 5, 6]);
    expect(socket.state).toBe('live');
  });

  it('backs off while the server is away', async () => {
    socket.followJobs(0);
    for (let i = 0; i < 200; i++) {
      await wait(500);
      const open = FakeSocket.last;
      open.onclose?.();
      open.onclose = null;
    }
    // 100 seconds: without backing off there would have been 200 tries.
    expect(FakeSocket.all.length).toBeGreaterThan(4);
    expect(FakeSocket.all.length).toBeLessThan(40);
  });

  it('says so when the server has another history', async () => {
    const events: string[] = [];
    socket.jobEvent.connect((_, event) => events.push(event.type));
    socket.followJobs(100);
    await wait(10);
    FakeSocket.last.hello();
    FakeSocket.last.say({ type: 'subscribed', channel: 'jobs', seq: 3 });
    FakeSocket.last.say({ type: 'job', seq: 4, job: {} });
    expect(events).toEqual(['reset', 'job']);
  });

  it('does not speak to a server with a newer protocol', async () => {
    socket.followJobs(0);
    await wait(10);
    FakeSocket.last.hello(2);
    expect(socket.state).toBe('outdated');
    await wait(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it('drops a connection that went silent', async () => {
    socket.followJobs(0);
    await wait(10);
    FakeSocket.last.hello();
    await wait(19_000);
    FakeSocket.last.say({ type: 'pong' });
    await wait(30_000);
    expect(FakeSocket.all).toHaveLength(1);
    await wait(60_000);
    expect(FakeSocket.all.length).toBeGreaterThan(1);
  });
});

describe('logs', () => {
  async function follow(sink: Sink, start = {}): Promise<FakeSocket> {
    socket.followLog(JOB, start, sink);
    await wait(10);
    FakeSocket.last.hello();
    return FakeSocket.last;
  }

  it('hands out bytes from where the server began', async () => {
    const sink = new Sink();
    const server = await follow(sink, { tail: 1000 });
    expect(server.take()).toEqual([
      { op: 'subscribe', channel: 'log', job: JOB, tail: 1000 }
    ]);
    server.say(subscribed(500, 1, 20));
    server.bytes(JOB, 1, 500, 'one\n');
    server.bytes(JOB, 1, 504, 'two\n');
    server.say({ type: 'log_end', job: JOB, attempt: 1, size: 508 });
    expect(sink.begun).toEqual([
      { attempt: 1, offset: 500, line: 20, size: 99 }
    ]);
    expect(sink.text).toBe('one\ntwo\n');
    expect(sink.ended).toBe(508);
  });

  it('resumes at the byte after the last one, over a reconnect', async () => {
    const sink = new Sink();
    const first = await follow(sink);
    first.say(subscribed(0));
    first.bytes(JOB, 1, 0, 'abc');
    first.close();
    await wait(2000);
    const second = FakeSocket.last;
    second.hello();
    expect(second.take()).toEqual([
      { op: 'subscribe', channel: 'log', job: JOB, attempt: 1, offset: 3 }
    ]);
    second.say(subscribed(3));
    second.bytes(JOB, 1, 3, 'def');
    expect(sink.text).toBe('abcdef');
    expect(sink.begun).toHaveLength(1);
  });

  it('jumps over what is gone, and resumes behind it', async () => {
    const sink = new Sink();
    const first = await follow(sink, { offset: 0 });
    first.say(subscribed(0));
    first.bytes(JOB, 1, 0, 'abc');
    first.say({
      type: 'log_gap',
      job: JOB,
      attempt: 1,
      from: 3,
      to: 1_000_000,
      line: 9000
    });
    first.bytes(JOB, 1, 1_000_000, 'def');
    expect(sink.gaps).toEqual([{ from: 3, to: 1_000_000, line: 9000 }]);
    expect(sink.text).toBe('abc…def');
    // Bytes that are gone need no room on the way: the server hears soon.
    expect(first.take().slice(-1)).toEqual([
      { op: 'ack', job: JOB, offset: 1_000_003 }
    ]);
    first.close();
    await wait(2000);
    FakeSocket.last.hello();
    expect(FakeSocket.last.take()).toMatchObject([{ offset: 1_000_003 }]);
  });

  it('tells two views of one gap, each from where it is', async () => {
    const early = new Sink();
    const late = new Sink();
    const server = await follow(early, { offset: 0 });
    server.say(subscribed(0));
    server.bytes(JOB, 1, 0, 'abcdef');
    socket.followLog(JOB, { offset: 4 }, late);
    server.say(subscribed(4));
    server.say({
      type: 'log_gap',
      job: JOB,
      attempt: 1,
      from: 4,
      to: 50,
      line: 5
    });
    server.bytes(JOB, 1, 50, 'x');
    expect(early.gaps).toEqual([{ from: 6, to: 50, line: 5 }]);
    expect(late.gaps).toEqual([{ from: 4, to: 50, line: 5 }]);
    expect([early.text, late.text]).toEqual(['abcdef…x', '…x']);
  });

  it('shares one subscription between two views of one job', async () => {
    const early = new Sink();
    const server = await follow(early, { offset: 0 });
    server.say(subscribed(0));
    server.bytes(JOB, 1, 0, 'abcdef');
    const late = new Sink();
    server.take();
    socket.followLog(JOB, { offset: 4 }, late);
    expect(server.take()).toMatchObject([{ op: 'subscribe', offset: 4 }]);
    server.say(subscribed(4));
    server.bytes(JOB, 1, 4, 'efgh');
    expect(early.text).toBe('abcdefgh');
    expect(late.text).toBe('efgh');
  });

  it('goes back when a new view would begin beyond an older one', async () => {
    const early = new Sink();
    const server = await follow(early, { offset: 0 });
    server.say(subscribed(0));
    server.bytes(JOB, 1, 0, 'abc');
    const late = new Sink();
    socket.followLog(JOB, { tail: 2 }, late);
    server.take();
    server.say(subscribed(8, 1, 4));
    server.bytes(JOB, 1, 8, 'ij');
    expect(server.take()).toMatchObject([{ op: 'subscribe', offset: 3 }]);
    server.say(subscribed(3));
    server.bytes(JOB, 1, 3, 'defghijk');
    expect(early.text).toBe('abcdefghijk');
    expect(late.text).toBe('ijk');
    expect(late.begun).toHaveLength(1);
  });

  it('waits for an answer before it asks again', async () => {
    const server = await follow(new Sink(), { tail: 1 });
    socket.followLog(JOB, { tail: 2 }, new Sink());
    expect(server.take()).toHaveLength(1);
    server.say(subscribed(0));
    expect(server.take()).toMatchObject([{ tail: 2 }]);
  });

  it('goes on silently when a waiting job starts', async () => {
    const sink = new Sink();
    const server = await follow(sink);
    server.say(subscribed(0, 0));
    server.say(subscribed(0, 1));
    server.bytes(JOB, 1, 0, 'go');
    expect(sink.text).toBe('go');
    expect(sink.begun).toHaveLength(1);
  });

  it('begins anew with another attempt', async () => {
    const sink = new Sink();
    const server = await follow(sink);
    server.say(subscribed(0, 1));
    server.bytes(JOB, 1, 0, 'first');
    server.say(subscribed(0, 2));
    server.bytes(JOB, 1, 5, 'late');
    server.bytes(JOB, 2, 0, 'second');
    expect(sink.text).toBe('second');
    expect(sink.begun).toHaveLength(2);
  });

  it('acknowledges before the server stops sending', async () => {
    const server = await follow(new Sink());
    server.say(subscribed(0));
    server.take();
    const piece = 'x'.repeat(100_000);
    for (let i = 0; i < 30; i++) {
      server.bytes(JOB, 1, i * piece.length, piece);
    }
    const acks = server.take();
    expect(acks.length).toBeGreaterThanOrEqual(4);
    let last = 0;
    for (const { op, offset } of acks) {
      expect(op).toBe('ack');
      expect((offset as number) - last).toBeLessThan(1024 * 1024);
      last = offset as number;
    }
  });

  it('tells who asked that there is no such job, and lets others be', async () => {
    const sink = new Sink();
    const server = await follow(sink);
    server.say({
      type: 'error',
      op: 'subscribe',
      channel: 'log',
      job: JOB,
      code: 'job_not_found',
      message: 'm',
      hint: 'h'
    });
    expect(sink.problem?.code).toBe('job_not_found');
    server.close();
    await wait(2000);
    FakeSocket.last.hello();
    expect(FakeSocket.last.take()).toEqual([]);
  });

  it('unsubscribes with its last view', async () => {
    const one = socket.followLog(JOB, {}, new Sink());
    await wait(10);
    FakeSocket.last.hello();
    FakeSocket.last.say(subscribed(0));
    const two = socket.followLog(JOB, {}, new Sink());
    FakeSocket.last.take();
    one.dispose();
    expect(FakeSocket.last.take()).toEqual([]);
    two.dispose();
    expect(FakeSocket.last.take()).toEqual([
      { op: 'unsubscribe', channel: 'log', job: JOB }
    ]);
  });

  it('is polled while no websocket gets through, and goes on with one', async () => {
    const sink = new Sink();
    rest.log = 'abcdef';
    socket.followLog(JOB, { tail: 4 }, sink);
    await wait(10);
    FakeSocket.last.onclose?.();
    await wait(100);
    expect(sink.begun[0]).toMatchObject({ attempt: 1, offset: 2, line: 7 });
    expect(sink.text).toBe('cdef');
    rest.log += 'ghi';
    await wait(2500);
    expect(sink.text).toBe('cdefghi');

    await wait(20_000);
    FakeSocket.last.hello();
    expect(FakeSocket.last.take()).toEqual([
      { op: 'subscribe', channel: 'log', job: JOB, attempt: 1, offset: 9 }
    ]);
    FakeSocket.last.say(subscribed(9));
    FakeSocket.last.bytes(JOB, 1, 9, 'jk');
    expect(sink.text).toBe('cdefghijk');
    expect(sink.begun).toHaveLength(1);
  });

  it('jumps over what is gone by polling too', async () => {
    const sink = new Sink();
    rest.log = 'abc...ghi';
    rest.gone = [3, 6];
    socket.followLog(JOB, { offset: 0 }, sink);
    await wait(10);
    FakeSocket.last.onclose?.();
    await wait(100);
    await wait(2500);
    expect(sink.gaps).toEqual([{ from: 3, to: 6, line: 7 }]);
    expect(sink.text).toBe('abc…ghi');
  });

  it('ends by polling too', async () => {
    const sink = new Sink();
    rest.log = 'all of it';
    rest.complete = true;
    socket.followLog(JOB, { offset: 0 }, sink);
    await wait(10);
    FakeSocket.last.onclose?.();
    await wait(100);
    expect(sink.text).toBe('all of it');
    expect(sink.ended).toBe(9);
  });
});
