import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { IJobsClient, LogLines as Located } from '../../tokens';
import { LogBuffer } from '../logbuffer';
import type { LogModel } from '../log';
import { LogFolds } from '../logfolds';
import { gapText } from '../loggaps';
import { LogLines } from '../logline';
import { LogPages } from '../logpages';
import { loadedText, storedText } from '../logtext';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Lines of 10 bytes: line N begins at byte 10 N. */
function numbered(first: number, last: number): Uint8Array {
  let text = '';
  for (let line = first; line < last; line++) {
    text += `${String(line).padStart(9, '0')}\n`;
  }
  return encode(text);
}

function rows(buffer: LogBuffer): (string | null)[] {
  const lines = new LogLines(buffer);
  return Array.from(
    { length: buffer.rowCount },
    (_, row) => lines.get(buffer.lineOf(row))?.text ?? null
  );
}

function begun(line = 0): LogBuffer {
  const buffer = new LogBuffer();
  buffer.begin({ attempt: 1, offset: line * 10, line, size: 0 });
  return buffer;
}

const marker = (bytes: number): string => gapText(bytes);

describe('a gap in live bytes', () => {
  it('is one dim row, and lines after it keep their numbers', () => {
    const buffer = begun();
    buffer.append(0, numbered(0, 3));
    expect(buffer.skip({ from: 30, to: 900, line: 90 })).toBe(true);
    expect(buffer.end).toBe(900);
    buffer.append(900, numbered(90, 92));
    expect(rows(buffer)).toEqual([
      '000000000',
      '000000001',
      '000000002',
      marker(870),
      '000000090',
      '000000091'
    ]);
    expect(buffer.lineCount).toBe(92);
    expect([2, 3, 4, 5, 6].map(row => buffer.numberOf(row))).toEqual([
      2, 3, 90, 91, 92
    ]);
    expect(buffer.rowOf(50)).toBe(3);
    expect(buffer.missing(50)).toBeNull();
    const [span] = new LogLines(buffer).get(3)!.spans;
    expect(span.style).toEqual({ dim: true });
  });

  it('ends a line that it cuts', () => {
    const buffer = begun();
    buffer.append(0, encode('one\ncut he'));
    buffer.skip({ from: 10, to: 2058, line: 20 });
    buffer.append(2058, encode('new\n'));
    expect(rows(buffer)).toEqual(['one', 'cut he', marker(2048), 'new']);
  });

  it('is told inside of a line when no whole line is gone', () => {
    const buffer = begun();
    buffer.append(0, encode('xxx'));
    buffer.skip({ from: 3, to: 1027, line: 0 });
    buffer.append(1027, encode('yyy\nnext'));
    expect(rows(buffer)).toEqual([`xxx${marker(1024)}yyy`, 'next']);
    buffer.skip({ from: 1035, to: 1040, line: 2 });
    buffer.append(1040, encode('third'));
    expect(rows(buffer).slice(1)).toEqual([`next${marker(5)}`, 'third']);
  });

  it('leaves a screen that a program redraws', () => {
    const buffer = begun();
    buffer.append(0, encode('a\nb\n\x1b[2A\rA'));
    buffer.skip({ from: 10, to: 100, line: 9 });
    buffer.append(100, encode('z\n\x1b[5A\rZ\n'));
    expect(rows(buffer)[0]).toBe('A');
    expect(rows(buffer)).toContain(marker(90));
    expect(rows(buffer)).toContain('Z');
  });

  it('is not taken when bytes before it are missing, or when it is known', () => {
    const buffer = begun();
    buffer.append(0, numbered(0, 3));
    expect(buffer.skip({ from: 40, to: 90, line: 9 })).toBe(false);
    expect(buffer.skip({ from: 0, to: 20, line: 2 })).toBe(true);
    expect(buffer.end).toBe(30);
  });

  it('comes again and again', () => {
    const buffer = begun();
    buffer.append(0, numbered(0, 1));
    for (let line = 10; line <= 50; line += 10) {
      const from = buffer.end!;
      buffer.skip({ from, to: line * 10, line });
      buffer.append(line * 10, numbered(line, line + 1));
    }
    expect(rows(buffer).filter(text => text?.startsWith('──'))).toHaveLength(5);
    expect(buffer.lineCount).toBe(51);
    expect(rows(buffer)).toHaveLength(11);
    // Two that touch are one.
    buffer.skip({ from: 510, to: 600, line: 60 });
    buffer.skip({ from: 600, to: 700, line: 70 });
    expect(rows(buffer).slice(-1)).toEqual([marker(190)]);
  });
});

describe('a gap that the server tells of', () => {
  it('is one row from the start, wherever the view begins', () => {
    const buffer = new LogBuffer();
    const gap = { from: 200, to: 9000, line: 900, lines: 880 };
    buffer.begin({ attempt: 1, offset: 9500, line: 950, size: 0, gap });
    buffer.append(9500, numbered(950, 960));
    expect(buffer.rowCount).toBe(20 + 1 + 60);
    expect(buffer.missing(5)).toEqual({ from: 0, to: 20 });
    expect(buffer.missing(920)).toEqual({ from: 900, to: 950 });
    expect(buffer.goneBetween(0, 959)).toBe(8800);
  });

  it('does not hide lines that are still here', () => {
    const buffer = begun();
    buffer.append(0, numbered(0, 20));
    buffer.drop({ from: 50, to: 150, line: 15, lines: 10 });
    expect(rows(buffer)).toHaveLength(20);
    expect(rows(buffer)[7]).toBe('000000007');
  });
});

describe('pages around a gap', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A log of 100,000 lines without 1000 to 90,000, the first 3 bytes of line 1000 left. */
  const gap = { from: 10_003, to: 900_000, line: 90_000, lines: 88_999 };
  const asked: number[] = [];
  const client = {
    locateLines: async (
      _: string,
      { line, count }: { line: number; count: number }
    ): Promise<Located> => {
      asked.push(line);
      const rest = { total_lines: 100_000, size: 1_000_000, complete: true };
      if (line > 1000 && line < 90_000) {
        const next_offset = (90_000 + count) * 10;
        return { ...rest, offset: gap.to, line: gap.line, next_offset, gap };
      }
      const cut = line <= 1000 && line + count > 1000;
      const next_offset = cut ? gap.from : (line + count) * 10;
      const told = cut ? gap : null;
      return { ...rest, offset: line * 10, line, next_offset, gap: told };
    },
    readLog: async (
      _: string,
      { offset, limit }: { offset: number; limit: number }
    ) => {
      const start = offset >= gap.from && offset < gap.to ? gap.to : offset;
      const end = Math.min(
        start + limit,
        start < gap.from ? gap.from : 1_000_000
      );
      const first = Math.floor(start / 10);
      const bytes = numbered(first, Math.ceil(end / 10)).slice(
        start - first * 10,
        end - first * 10
      );
      return { offset: start, bytes, size: 1_000_000, complete: true };
    }
  } as unknown as IJobsClient;

  async function look(buffer: LogBuffer, line: number): Promise<void> {
    const pages = new LogPages(client, 'job', buffer);
    pages.want(line);
    await vi.advanceTimersByTimeAsync(100);
    expect(pages.problem).toBeNull();
  }

  it('turn lines that are gone into one row', async () => {
    const buffer = begun(99_000);
    buffer.append(990_000, numbered(99_000, 100_000));
    await look(buffer, 50_000);
    expect(buffer.rowCount).toBe(1001 + 1 + 10_000);
    expect(buffer.missing(50_000)).toBeNull();
    const lines = new LogLines(buffer);
    expect(lines.get(1001)?.text).toBe(marker(889_997));
    // The last of the beginning, of which a part is left.
    await look(buffer, 1000);
    expect(lines.get(1000)?.text).toBe('000');
    expect(lines.get(999)?.text).toBe('000000999');
    // Those after it.
    await look(buffer, 90_010);
    expect(lines.get(90_010)?.text).toBe('000090010');
    expect(buffer.missing(90_000)).toBeNull();
  });

  it('look above the line that is asked for, and find that gone', async () => {
    const buffer = begun(99_000);
    buffer.append(990_000, numbered(99_000, 100_000));
    await look(buffer, 90_100);
    expect(new LogLines(buffer).get(90_100)?.text).toBe('000090100');
    expect(buffer.missing(60_000)).toBeNull();
  });

  it('are copied with the line that tells', async () => {
    const from = { line: 999, column: 0 };
    const text = await storedText(
      client,
      'job',
      { from, to: { line: 90_001, column: 9 } },
      889_997
    );
    const words = ['000000999', '000', marker(889_997)];
    expect(text?.split('\n')).toEqual([...words, '000090000', '000090001']);
    const column = 12;
    expect(
      await storedText(client, 'job', { from, to: { line: 1001, column } })
    ).toBe(`000000999\n000\n${marker(889_997).slice(0, column)}`);
    expect(
      await storedText(client, 'job', {
        from: { line: 1001, column: 3 },
        to: { line: 90_000, column: 9 }
      })
    ).toBe(`${marker(889_997).slice(3)}\n000090000`);
  });

  it('are copied from what is loaded too', () => {
    const buffer = begun();
    buffer.append(0, numbered(0, 2));
    buffer.skip({ from: 20, to: 500, line: 50 });
    buffer.append(500, numbered(50, 51));
    const model = { buffer, lines: new LogLines(buffer) } as LogModel;
    const range = { from: { line: 1, column: 0 }, to: { line: 50, column: 9 } };
    expect(loadedText(model, range)).toBe(
      `000000001\n${marker(480)}\n000000050`
    );
  });
});

describe('folds', () => {
  it('agree with counting, whatever is folded', () => {
    const folds = new LogFolds();
    [5, 6, 20, 21, 22, 40].forEach(line => folds.add(line));
    folds.setGone([
      { start: 10, end: 15 },
      { start: 21, end: 30 }
    ]);
    const hidden = new Set([5, 6, 20, 40]);
    const gone = new Set<number>();
    for (let line = 0; line < 60; line++) {
      if ((line >= 10 && line < 15) || (line >= 21 && line < 30)) {
        gone.add(line);
      }
    }
    let row = 0;
    let number = 0;
    for (let line = 0; line < 60; line++) {
      if (!hidden.has(line) && !gone.has(line)) {
        expect([folds.lineOf(row), folds.rowOf(line)]).toEqual([line, row]);
        expect(folds.numberOf(line)).toBe(number);
        row++;
      }
      number += hidden.has(line) ? 0 : 1;
    }
    expect(folds.folded).toBe(4 + 5 + 9);
    folds.forget(60);
    expect(folds.folded).toBe(14);
  });
});

describe('the words', () => {
  it('are those of the command line', () => {
    expect(gapText(1_288_490_189)).toBe(
      '── 1.2 GiB of output was dropped here: a long log keeps its beginning ' +
        'and its newest part (JobsApp.max_log_size)'
    );
    expect(gapText(900)).toMatch(/^── 900 B of output/);
    expect(gapText(5 * 2 ** 50)).toMatch(/^── 5120\.0 TiB/);
  });
});
