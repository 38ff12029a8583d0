import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type {
  ConnectionState,
  IJobModel,
  IJobsClient,
  IJobsStream,
  ILogSink,
  ILogStart,
  LogLines as Located
} from '../../tokens';
import { LogModel } from '../log';

/** A log on a server that answers as the real one does. */
class FakeServer {
  constructor(text: string | Uint8Array) {
    this.bytes =
      typeof text === 'string' ? new TextEncoder().encode(text) : text;
    this.starts = [0];
    this.bytes.forEach((byte, at) => {
      if (byte === 10) {
        this.starts.push(at + 1);
      }
    });
  }

  readonly bytes: Uint8Array;
  readonly starts: number[];
  readonly subscriptions: ILogStart[] = [];
  sink: ILogSink | null = null;
  reads = 0;
  aborted = 0;
  failing = false;
  delay = 5;

  /** Subscribed at the start of a line, with all bytes after it. */
  begin(line: number): void {
    const offset = this.starts[line];
    const size = this.bytes.length;
    this.sink?.begin({ attempt: 1, offset, line, size });
    this.sink?.bytes(offset, this.bytes.subarray(offset));
  }

  readonly stream = {
    state: 'live' as ConnectionState,
    stateChanged: new Signal<IJobsStream, ConnectionState>({} as IJobsStream),
    followLog: (_: string, start: ILogStart, sink: ILogSink): IDisposable => {
      this.subscriptions.push(start);
      this.sink = sink;
      return new DisposableDelegate(() => undefined);
    }
  };

  readonly client = {
    locateLines: async (
      _: string,
      query: { line: number; count: number },
      abort: AbortSignal
    ): Promise<Located> => {
      await this._answer(abort);
      const offset = this.starts[query.line];
      return {
        offset,
        line: query.line,
        next_offset: this.starts[query.line + query.count] ?? this.bytes.length,
        total_lines: this.starts.length,
        size: this.bytes.length,
        complete: false
      };
    },
    readLog: async (
      _: string,
      query: { offset: number; limit: number },
      abort: AbortSignal
    ) => {
      await this._answer(abort);
      this.reads += query.limit;
      return {
        offset: query.offset,
        bytes: this.bytes.slice(query.offset, query.offset + query.limit),
        size: this.bytes.length,
        complete: false
      };
    }
  };

  private async _answer(abort: AbortSignal): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, this.delay));
    if (abort.aborted) {
      this.aborted++;
      throw new Error('aborted');
    }
    if (this.failing) {
      throw new Error('away');
    }
  }
}

function open(server: FakeServer): LogModel {
  const model = new LogModel({
    job: { id: 'job' } as IJobModel,
    client: server.client as unknown as IJobsClient,
    stream: server.stream as unknown as IJobsStream
  });
  model.follow();
  return model;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('following', () => {
  it('says how it stands', () => {
    const server = new FakeServer('one\ntwo\n');
    const model = open(server);
    expect(model.phase).toBe('waiting');
    server.sink?.begin({ attempt: 1, offset: 0, line: 0, size: 8 });
    expect(model.phase).toBe('catching-up');
    server.sink?.bytes(0, server.bytes);
    expect(model.phase).toBe('live');
    server.stream.state = 'reconnecting';
    expect(model.phase).toBe('reconnecting');
    server.stream.state = 'live';
    server.sink?.end(8);
    expect(model.phase).toBe('ended');
  });

  it('subscribes again from its end when bytes are missing', () => {
    const server = new FakeServer('one\ntwo\nthree\n');
    const model = open(server);
    const begun = vi.fn();
    server.sink?.begin({ attempt: 1, offset: 0, line: 0, size: 14 });
    server.sink?.bytes(0, server.bytes.slice(0, 4));
    model.begun.connect(begun);
    server.sink?.bytes(8, server.bytes.slice(8));
    expect(server.subscriptions).toEqual([
      { tail: 1024 * 1024 },
      { attempt: 1, offset: 4 }
    ]);
    server.sink?.begin({ attempt: 1, offset: 4, line: 1, size: 14 });
    server.sink?.bytes(4, server.bytes.slice(4));
    expect(begun).not.toHaveBeenCalled();
    expect([0, 1, 2].map(n => model.line(n)?.text)).toEqual([
      'one',
      'two',
      'three'
    ]);
  });

  it('shows another attempt as another log', () => {
    const server = new FakeServer('one\ntwo\n');
    const model = open(server);
    server.begin(0);
    server.sink?.begin({ attempt: 2, offset: 0, line: 0, size: 0 });
    expect(model.buffer.rowCount).toBe(0);
    server.sink?.bytes(0, new TextEncoder().encode('again\n'));
    expect(model.line(0)?.text).toBe('again');
  });

  it('keeps a refusal', () => {
    const server = new FakeServer('');
    const model = open(server);
    const problem = { code: 'job_not_found', message: 'No.', hint: 'Look.' };
    server.sink?.refused(problem);
    expect(model.phase).toBe('refused');
    expect(model.problem).toEqual(problem);
  });
});

describe('older lines', () => {
  const text = Array.from({ length: 10_000 }, (_, n) => `line ${n}\n`).join('');

  it('come back from the server', async () => {
    const server = new FakeServer(text);
    const model = open(server);
    server.begin(9000);
    expect(model.line(9500)?.text).toBe('line 9500');
    expect(model.line(4000)).toBeNull();
    await vi.advanceTimersByTimeAsync(100);
    expect(model.line(4000)?.text).toBe('line 4000');
    expect(model.line(3800)?.text).toBe('line 3800');
    expect(model.line(8999)).toBeNull();
    await vi.advanceTimersByTimeAsync(100);
    expect(model.line(8999)?.text).toBe('line 8999');
    expect(model.buffer.missing(8698)?.from).toBe(4700);
  });

  it('that were passed while scrolling are not read', async () => {
    const server = new FakeServer(text);
    const model = open(server);
    server.begin(9900);
    for (let line = 0; line < 8000; line += 100) {
      model.line(line);
      await vi.advanceTimersByTimeAsync(16);
    }
    await vi.advanceTimersByTimeAsync(100);
    expect(model.line(7900)?.text).toBe('line 7900');
    expect(server.reads).toBeLessThan(20_000);
  });

  it('that are asked for while others load replace them', async () => {
    const server = new FakeServer(text);
    const model = open(server);
    server.begin(9900);
    server.delay = 50;
    model.line(100);
    await vi.advanceTimersByTimeAsync(32);
    model.line(5000);
    await vi.advanceTimersByTimeAsync(200);
    expect(server.aborted).toBe(1);
    expect(model.line(5000)?.text).toBe('line 5000');
    expect(model.buffer.missing(100)).not.toBeNull();
  });

  it('are asked for again some time after a failure', async () => {
    const server = new FakeServer(text);
    const model = open(server);
    server.begin(9900);
    server.failing = true;
    model.line(100);
    await vi.advanceTimersByTimeAsync(100);
    expect(model.pages.problem?.message).toBe('away');
    server.failing = false;
    model.line(100);
    await vi.advanceTimersByTimeAsync(100);
    expect(model.line(100)).toBeNull();
    await vi.advanceTimersByTimeAsync(3000);
    model.line(100);
    await vi.advanceTimersByTimeAsync(100);
    expect(model.line(100)?.text).toBe('line 100');
    expect(model.pages.problem).toBeNull();
  });

  it('of any length cost a page at most', async () => {
    const long = `first\n${'x'.repeat(5_000_000)}\n${'\rbar'.repeat(1_000_000)} last\nend\n`;
    const server = new FakeServer(long);
    const model = open(server);
    server.begin(3);
    for (const line of [2, 1, 0]) {
      model.line(line);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(model.line(0)?.text).toBe('first');
    expect(model.line(1)?.text).toHaveLength(10_000);
    expect(model.line(1)?.hidden).toBe(4_990_000);
    expect(model.line(2)?.text).toBe('bar last');
    expect(server.reads).toBeLessThan(8_000_000);
  });
});
