import { describe, expect, it } from 'vitest';

import { LogBuffer } from '../logbuffer';
import { LogLines, MOST_CHARACTERS } from '../logline';
import { LogSegment } from '../logsegment';
import { naiveRows, random } from './naivelog';

/** Half a second each on an idle machine; what is quadratic takes minutes. */
const PATIENCE_MS = 15_000;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function begun(most?: number): LogBuffer {
  const buffer = new LogBuffer(most);
  buffer.begin({ attempt: 1, offset: 0, line: 0, size: 0 });
  return buffer;
}

/** What the view would draw, from the first row to the last. */
function rows(buffer: LogBuffer): { line: number; text: string }[] {
  const lines = new LogLines(buffer);
  return Array.from({ length: buffer.rowCount }, (_, row) => {
    const line = buffer.lineOf(row);
    expect(buffer.rowOf(line)).toBe(row);
    return { line, text: lines.get(line)?.text ?? '(missing)' };
  });
}

function feed(buffer: LogBuffer, bytes: Uint8Array, below = random(1)): void {
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + below(below(4) ? 12 : 400));
    expect(buffer.append(at, bytes.slice(at, end))).toBe(true);
    at = end;
  }
  buffer.finish();
}

describe('what is shown', () => {
  const words = [
    'row 12',
    'köttbullar',
    ' ',
    '\n',
    '\n',
    '\n',
    '\r',
    '\x1b[32m',
    '\x1b[0m',
    '\x1b[K',
    '\x1b[2K',
    '\r\n',
    '50%|████  |'
  ];
  const moves = [...words, '\x1b[A', '\x1b[A', '\x1b[3A', '\n\r'];

  it.each([
    ['without moving up', words],
    ['with moving up', moves]
  ])('is the same as one long reading, %s', (_, parts) => {
    for (let seed = 0; seed < 400; seed++) {
      const below = random(seed);
      const text = Array.from(
        { length: below(120) },
        () => parts[below(parts.length)]
      ).join('');
      const buffer = begun();
      feed(buffer, encode(text), below);
      expect(rows(buffer), `seed ${seed}: ${JSON.stringify(text)}`).toEqual(
        naiveRows(text)
      );
    }
  });

  it('draws nested bars in place', () => {
    let text = 'before\n\router 0';
    for (let outer = 1; outer <= 50; outer++) {
      for (let inner = 0; inner < 100; inner++) {
        text += `\n\r\x1b[32minner ${inner}\x1b[0m\x1b[A`;
      }
      text += `\router ${outer}`;
    }
    const buffer = begun();
    feed(buffer, encode(`${text}\n\nafter\n`));
    expect(rows(buffer)).toEqual([
      { line: 0, text: 'before' },
      { line: 1, text: 'outer 50' },
      { line: 2, text: 'inner 99' },
      { line: 5003, text: 'after' }
    ]);
  });
});

describe('live bytes', () => {
  it('are taken once, whatever is sent again', () => {
    const buffer = begun();
    const bytes = encode('one\ntwo\nthree\n');
    expect(buffer.append(0, bytes.slice(0, 6))).toBe(true);
    expect(buffer.append(2, bytes.slice(2, 9))).toBe(true);
    expect(buffer.append(0, bytes.slice(0, 9))).toBe(true);
    expect(buffer.append(9, bytes.slice(9))).toBe(true);
    expect(rows(buffer).map(row => row.text)).toEqual(['one', 'two', 'three']);
    expect(buffer.end).toBe(bytes.length);
  });

  it('with a gap are refused, and can go on from the end', () => {
    const buffer = begun();
    const bytes = encode('one\ntwo\nthree\n');
    buffer.append(0, bytes.slice(0, 4));
    expect(buffer.append(8, bytes.slice(8))).toBe(false);
    expect(buffer.end).toBe(4);
    expect(buffer.append(4, bytes.slice(4))).toBe(true);
    expect(buffer.rowCount).toBe(3);
  });

  it('before the log has begun are refused', () => {
    expect(new LogBuffer().append(0, encode('x'))).toBe(false);
  });

  it('of another attempt begin anew', () => {
    const buffer = begun();
    feed(buffer, encode('old\n\x1b[Aolder\n'));
    buffer.begin({ attempt: 2, offset: 0, line: 0, size: 0 });
    feed(buffer, encode('new'));
    expect(rows(buffer)).toEqual([{ line: 0, text: 'new' }]);
  });

  it('show an unfinished line and see it grow', () => {
    const buffer = begun();
    const lines = new LogLines(buffer);
    buffer.append(0, encode('hal'));
    const first = buffer.version(0);
    expect(lines.get(0)?.text).toBe('hal');
    buffer.append(3, encode('f'));
    expect(buffer.version(0)).not.toBe(first);
    expect(lines.get(0)?.text).toBe('half');
    buffer.append(4, encode('\n'));
    expect(buffer.rowCount).toBe(1);
    expect(lines.get(0)?.text).toBe('half');
  });
});

describe('bounded memory', { timeout: 60_000 }, () => {
  const bytesOf = (buffer: LogBuffer): number =>
    (buffer as unknown as { _segments: LogSegment[] })._segments.reduce(
      (sum, segment) => sum + segment.cost,
      0
    );

  it('keeps the newest lines and knows what is missing', () => {
    const buffer = begun(1024 * 1024);
    const block = encode(
      Array.from({ length: 1000 }, (_, n) => `line ${n} ${'x'.repeat(80)}`)
        .join('\n')
        .concat('\n')
    );
    for (let n = 0; n < 100; n++) {
      buffer.append(n * block.length, block);
    }
    expect(buffer.lineCount).toBe(100_000);
    expect(bytesOf(buffer)).toBeLessThan(2 * 1024 * 1024);
    expect(buffer.missing(99_999)).toBeNull();
    const gap = buffer.missing(500);
    expect(gap?.from).toBe(0);
    expect(gap?.to).toBeGreaterThan(85_000);

    const page = new LogSegment(400);
    page.append(encode('older line\n'.repeat(300)));
    buffer.insert(page);
    expect(new LogLines(buffer).get(500)?.text).toBe('older line');
    expect(buffer.missing(399)).toEqual({ from: 0, to: 400 });
    expect(buffer.missing(700)).toEqual({ from: 700, to: gap?.to });
  });

  it('never holds a page twice', () => {
    const buffer = new LogBuffer();
    buffer.begin({ attempt: 1, offset: 1000, line: 100, size: 2000 });
    const page = (line: number, count: number): LogSegment => {
      const segment = new LogSegment(line);
      segment.append(encode(`from ${line}\n`.repeat(count)));
      return segment;
    };
    buffer.insert(page(10, 10));
    buffer.insert(page(15, 10));
    buffer.insert(page(5, 10));
    buffer.insert(page(95, 10));
    const lines = new LogLines(buffer);
    expect(lines.get(15)?.text).toBe('from 10');
    expect(lines.get(5)).toBeNull();
    expect(lines.get(95)).toBeNull();
  });

  it('shows the last state of 100 MB of one bar without keeping it', () => {
    const buffer = begun();
    const frames = encode(
      Array.from({ length: 4000 }, (_, n) => `\r${n}/4000 |####    |`).join('')
    );
    let offset = 0;
    const began = performance.now();
    while (offset < 100e6) {
      buffer.append(offset, frames);
      offset += frames.length;
    }
    expect(performance.now() - began).toBeLessThan(PATIENCE_MS);
    expect(bytesOf(buffer)).toBeLessThan(512 * 1024);
    expect(rows(buffer)).toEqual([{ line: 0, text: '3999/4000 |####    |' }]);
  });

  it('keeps a million redraws of nested bars in two rows', () => {
    const buffer = begun();
    const frames = encode(
      Array.from({ length: 10_000 }, (_, n) => `\n\rinner ${n}\x1b[A`).join('')
    );
    buffer.append(0, encode('\router'));
    for (let n = 0, offset = 6; n < 100; n++, offset += frames.length) {
      buffer.append(offset, frames);
    }
    expect(buffer.lineCount).toBe(1_000_001);
    expect(bytesOf(buffer)).toBeLessThan(4 * 1024 * 1024);
    expect(rows(buffer).map(row => row.text)).toEqual(['outer', 'inner 9999']);
  });

  it('cuts a line of 5 MB and says by how much', () => {
    const buffer = begun();
    feed(
      buffer,
      encode(`short\n${'x'.repeat(5_000_000)}\nlast\n`),
      () => 1_000_000
    );
    const lines = new LogLines(buffer);
    expect(lines.get(0)?.text).toBe('short');
    expect(lines.get(1)?.text).toBe('x'.repeat(MOST_CHARACTERS));
    expect(lines.get(1)?.hidden).toBe(5_000_000 - MOST_CHARACTERS);
    expect(lines.get(2)?.text).toBe('last');
    expect(bytesOf(buffer)).toBeLessThan(512 * 1024);
  });

  it('takes a million lines without making text of them', () => {
    const buffer = begun();
    const block = encode(
      Array.from(
        { length: 10_000 },
        (_, n) => `\x1b[32mINFO\x1b[0m row=${n} ${'payload '.repeat(9)}`
      )
        .join('\n')
        .concat('\n')
    );
    const began = performance.now();
    for (let n = 0; n < 100; n++) {
      buffer.append(n * block.length, block);
    }
    const elapsed = performance.now() - began;
    expect(buffer.rowCount).toBe(1_000_000);
    expect(elapsed).toBeLessThan(PATIENCE_MS);
  });
});

describe('colours', () => {
  it('run on over lines, also over a drawn window', () => {
    const buffer = begun();
    feed(buffer, encode('plain\n\x1b[31mred\nstill\n\x1b[0mplain\n'));
    const lines = new LogLines(buffer);
    expect(lines.get(2)?.spans[0].style).toEqual({ fg: 1 });
    expect(lines.get(3)?.spans[0].style).toEqual({});
    expect(lines.get(1)?.spans[0].style).toEqual({ fg: 1 });
  });
});
