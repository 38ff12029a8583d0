import { describe, expect, it } from 'vitest';

import { lastState, parseAnsi } from '../logansi';

const text = (raw: string): string =>
  parseAnsi(raw)
    .spans.map(span => span.text)
    .join('');
const style = (raw: string): unknown => parseAnsi(raw).spans[0]?.style;

describe('styles', () => {
  it.each([
    ['\x1b[31mx', { fg: 1 }],
    ['\x1b[91;44mx', { fg: 9, bg: 4 }],
    ['\x1b[101mx', { bg: 9 }],
    [
      '\x1b[1;2;3;4;7;8;9mx',
      {
        bold: true,
        dim: true,
        italic: true,
        underline: true,
        inverse: true,
        hidden: true,
        strike: true
      }
    ],
    ['\x1b[1;31m\x1b[22mx', { fg: 1 }],
    ['\x1b[1;31m\x1b[mx', {}],
    ['\x1b[31;42m\x1b[39;49mx', {}],
    ['\x1b[38;5;9mx', { fg: 9 }],
    ['\x1b[38;5;208mx', { fg: 'rgb(255, 135, 0)' }],
    ['\x1b[48;5;240mx', { bg: 'rgb(88, 88, 88)' }],
    ['\x1b[38;2;1;2;300mx', { fg: 'rgb(1, 2, 255)' }],
    ['\x1b[38:2::1:2:3mx', { fg: 'rgb(1, 2, 3)' }],
    ['\x1b[38;5;9;1mx', { fg: 9, bold: true }],
    ['\x1b[38mx', {}]
  ])('%j', (raw, expected) => {
    const found = style(raw) as Record<string, unknown>;
    const set = Object.entries(found).filter(
      ([, value]) => value !== undefined
    );
    expect(Object.fromEntries(set)).toEqual(expected);
  });

  it('go on from the line before', () => {
    const first = parseAnsi('\x1b[32mgreen');
    const next = parseAnsi('still \x1b[0mplain', first.style);
    expect(next.spans.map(span => span.style)).toEqual([{ fg: 2 }, {}]);
    expect(parseAnsi('quick', first.style).spans[0].style).toEqual({ fg: 2 });
  });
});

describe('what is stripped', () => {
  it.each([
    ['a\x07b\x00c\x7fd', 'abcd'],
    ['\x1b]0;title\x07text', 'text'],
    ['\x1bP1;2|q\x1b\\text', 'text'],
    ['\x1b[?25l\x1b[5;5Htext\x1b(B', 'text'],
    ['\x9b31mC1', 'C1'],
    ['\x1b]52;c;YQ==\x07clip', 'clip'],
    ['\x1b[12', ''],
    ['ab\b\bxy', 'xy'],
    ['tab\there', 'tab\there'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>']
  ])('%j', (raw, expected) => {
    expect(text(raw)).toBe(expected);
  });

  it('links other than http and https', () => {
    const link = (url: string): string | undefined =>
      parseAnsi(`\x1b]8;;${url}\x1b\\text\x1b]8;;\x1b\\`).spans[0].href;
    expect(link('https://example.org/a;b?c=d')).toBe(
      'https://example.org/a;b?c=d'
    );
    expect(link('http://example.org')).toBe('http://example.org');
    expect(link('javascript:alert(1)')).toBeUndefined();
    expect(link('file:///etc/passwd')).toBeUndefined();
    expect(link(' https://x\ty')).toBeUndefined();
  });
});

describe('overwritten lines', () => {
  it.each([
    ['10%\r20%\r30%', '30%'],
    ['10%\r20%\r', '20%'],
    ['10%\r\x1b[K', ''],
    ['10%\r\x1b[2K20%', '20%'],
    ['10%\r\x1b[32m', '10%'],
    ['10%\r\x1b[32m20%\x1b[0m\r', '20%'],
    ['no return', 'no return'],
    ['\r', ''],
    ['', '']
  ])('%j', (raw, expected) => {
    expect(text(raw)).toBe(expected);
    expect(text(raw.slice(lastState(raw)))).toBe(expected);
  });

  it('cost only their last state', () => {
    const raw = '\r50% |####    |'.repeat(5000);
    expect(raw.length - lastState(raw)).toBeLessThan(20);
  });
});
