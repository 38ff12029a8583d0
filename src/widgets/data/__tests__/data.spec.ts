import { describe, expect, it } from 'vitest';

import { elide, exactText, formatCell } from '../format';
import { makeHeaders } from '../headers';

const column = (
  name: string,
  type = 'int'
): { path: string[]; type: string } => ({
  path: name.split('.'),
  type
});

describe('headers', () => {
  it('are one row for flat columns', () => {
    const headers = makeHeaders([column('a'), column('b')]);
    expect(headers.depth).toBe(1);
    expect(headers.groups).toEqual([]);
    expect(headers.label(0, 1)).toBe('b');
    expect(headers.type(0, 1)).toBe('int');
  });

  it('group fields under their signals, and let short names reach down', () => {
    const headers = makeHeaders(
      [
        'file.path',
        'file.size',
        'det.label',
        'det.box.x',
        'det.box.y',
        'n'
      ].map(name => column(name))
    );
    expect(headers.depth).toBe(3);
    expect(headers.groups).toEqual([
      { r1: 0, r2: 0, c1: 0, c2: 1 },
      { r1: 0, r2: 0, c1: 2, c2: 4 },
      { r1: 0, r2: 2, c1: 5, c2: 5 },
      { r1: 1, r2: 2, c1: 0, c2: 0 },
      { r1: 1, r2: 2, c1: 1, c2: 1 },
      { r1: 1, r2: 2, c1: 2, c2: 2 },
      { r1: 1, r2: 1, c1: 3, c2: 4 }
    ]);
    expect(headers.label(1, 3)).toBe('box');
    expect(headers.type(1, 3)).toBeNull();
    expect(headers.type(2, 3)).toBe('int');
  });

  it('do not join equal names of different signals', () => {
    const headers = makeHeaders(
      ['a.box.x', 'b.box.x'].map(name => column(name))
    );
    expect(headers.groups).toEqual([]);
  });

  it('never overlap', () => {
    const headers = makeHeaders(
      ['a', 'b.c', 'b.d.e.f', 'b.d.e.g', 'b.d.h', 'i.j.k'].map(name =>
        column(name)
      )
    );
    const seen = new Set<string>();
    for (const { r1, r2, c1, c2 } of headers.groups) {
      for (let row = r1; row <= r2; row++) {
        for (let at = c1; at <= c2; at++) {
          expect(seen.has(`${row},${at}`)).toBe(false);
          seen.add(`${row},${at}`);
        }
      }
    }
  });
});

describe('cells', () => {
  const number = (value: number): string => value.toLocaleString();
  const wholeFloat = (value: number): string =>
    value.toLocaleString(undefined, { minimumFractionDigits: 1 });
  it.each([
    [null, 'str', 'None', true],
    ['', 'str', 'empty', true],
    ['text', 'str', 'text', false],
    ['two\nlines\tand a tab', 'str', 'two⏎lines and a tab', false],
    [1234567, 'int', number(1234567), false],
    [
      '9223372036854775807',
      'int',
      BigInt('9223372036854775807').toLocaleString(),
      false
    ],
    [0.1 + 0.2, 'float', number(0.3), false],
    [1e-9, 'float', '1.0000e-9', false],
    [0, 'float', wholeFloat(0), false],
    [1234, 'float', wholeFloat(1234), false],
    ['NaN', 'float', 'NaN', true],
    ['-Infinity', 'float', '-Infinity', true],
    [true, 'bool', 'True', false],
    [false, 'bool', 'False', false],
    [{ a: [1, null] }, 'dict', '{"a":[1,null]}', false],
    [['a', 'b'], 'list', '["a","b"]', false],
    ['{"cut', 'dict', '{"cut', false],
    ['not a date', 'datetime', 'not a date', false],
    ['aGk=', 'bytes', 'b64:aGk=', false]
  ])('%j as %s', (value, type, text, muted) => {
    expect(formatCell(value, type)).toEqual({ text, muted });
  });

  it('tell a long list of numbers by its length', () => {
    const { text } = formatCell(Array(512).fill(0.5), 'list');
    expect(text).toBe(`[0.5, 0.5, 0.5, 0.5, … ${number(512)}]`);
  });

  it('keep the fraction of a moment, if there is one', () => {
    expect(formatCell('2024-01-31T12:00:05.120000Z', 'datetime').text).toMatch(
      /05.*\.12$/
    );
    expect(
      formatCell('2024-01-31T12:00:05.000000Z', 'datetime').text
    ).not.toContain('.000');
  });

  it('are one line of bounded length', () => {
    const { text } = formatCell('x\n'.repeat(5000), 'str');
    expect(text.length).toBeLessThan(400);
    expect(text).not.toContain('\n');
  });

  it.each([
    ['as long as there is room', 24, 'as long as there is room'],
    ['as long as there is room', 23, 'as long as there is ro…'],
    ['as long as there is room', 9, 'as long…'],
    ['ab😀cd', 4, 'ab…'],
    ['ab😀cd', 5, 'ab😀…'],
    ['text', 0, '…']
  ])('are %j in %i characters as %j', (text, room, shown) => {
    expect(elide(text, room, part => part.length)).toBe(shown);
  });

  it('are exact in a tooltip, with the length of what was cut', () => {
    expect(exactText({ a: 1 }, null)).toBe('{\n "a": 1\n}');
    expect(exactText('begin', 12_345)).toBe(`begin… (${number(12_345)})`);
  });
});
