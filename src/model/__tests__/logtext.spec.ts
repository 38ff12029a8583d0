import { describe, expect, it, vi } from 'vitest';

import type { IJobsClient } from '../../tokens';
import { LogBuffer } from '../logbuffer';
import { LogLines } from '../logline';
import type { LogModel } from '../log';
import { loadedText, storedText } from '../logtext';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const range = (
  line: number,
  column: number,
  lastLine: number,
  lastColumn: number
): Parameters<typeof loadedText>[1] => ({
  from: { line, column },
  to: { line: lastLine, column: lastColumn }
});

describe('text that is loaded', () => {
  const buffer = new LogBuffer();
  buffer.begin({ attempt: 1, offset: 100, line: 10, size: 200 });
  buffer.append(
    100,
    encode('\x1b[31mred\x1b[0m one\n50%\r100%\n\x1b[A\rdrawn over\n\nlast\n')
  );
  const model = { buffer, lines: new LogLines(buffer) } as LogModel;

  it('is what is seen, cut at both ends', () => {
    expect(loadedText(model, range(10, 4, 14, 2))).toBe(
      'one\ndrawn over\n\nla'
    );
    expect(loadedText(model, range(10, 1, 10, 5))).toBe('ed o');
  });

  it('is not there for lines that are missing or cut', () => {
    expect(loadedText(model, range(9, 0, 11, 5))).toBeNull();
    buffer.append(buffer.end ?? 0, encode(`${'x'.repeat(200_000)}\n`));
    expect(loadedText(model, range(15, 0, 15, 9))).toBeNull();
  });
});

describe('text on the server', () => {
  const log = encode(
    Array.from(
      { length: 50_000 },
      (_, n) => `\x1b[32mline\x1b[0m ${n} é\n`
    ).join('')
  );
  const starts = [0];
  log.forEach((byte, at) => byte === 10 && starts.push(at + 1));
  const client = {
    locateLines: async (_: string, { line }: { line: number }) => ({
      offset: starts[line],
      next_offset: starts[line + 1]
    }),
    readLog: vi.fn(
      async (
        _: string,
        { offset, limit }: { offset: number; limit: number }
      ) => ({
        // Fewer than were asked, so that a character is cut.
        bytes: log.slice(offset, offset + Math.min(limit, 99_999))
      })
    )
  };
  const read = (of: Parameters<typeof loadedText>[1]): Promise<string | null> =>
    storedText(client as unknown as IJobsClient, 'job', of);

  it('comes in pieces and is plain', async () => {
    const text = await read(range(10, 5, 49_999, 1000));
    const lines = text?.split('\n') ?? [];
    expect(lines).toHaveLength(49_990);
    expect(lines[0]).toBe('10 é');
    expect(lines[49_989]).toBe('line 49999 é');
    expect(lines.every(line => !line.includes('\ufffd'))).toBe(true);
    expect(client.readLog.mock.calls.length).toBeGreaterThan(5);
  });

  it('is not read when it is too long for a clipboard', async () => {
    client.readLog.mockClear();
    starts[50_000] = 17 * 1024 * 1024;
    expect(await read(range(0, 0, 49_999, 1))).toBeNull();
    expect(client.readLog).not.toHaveBeenCalled();
  });
});
