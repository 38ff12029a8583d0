import { describe, expect, it } from 'vitest';

import { settle, type IRowHeights } from '../place';

const even = (count: number): IRowHeights => ({
  count,
  even: 17,
  heightOf: () => 17
});
/** Row n is (n % 4 + 1) lines high. */
const wrapped = (count: number): IRowHeights => ({
  count,
  even: null,
  heightOf: row => ((row % 4) + 1) * 17
});

describe('a place in rows', () => {
  it('moves over rows of one height in one step', () => {
    const rows = even(1_000_000);
    expect(settle({ row: 10, pixels: 20 }, rows)).toEqual({
      row: 11,
      pixels: 3
    });
    expect(settle({ row: 10, pixels: -1 }, rows)).toEqual({
      row: 9,
      pixels: 16
    });
    expect(settle({ row: 0, pixels: 17 * 999_999 }, rows)).toEqual({
      row: 999_999,
      pixels: 0
    });
  });

  it('moves over rows of different heights', () => {
    const rows = wrapped(100);
    expect(settle({ row: 4, pixels: -1 }, rows)).toEqual({
      row: 3,
      pixels: 67
    });
    expect(settle({ row: 0, pixels: 17 + 34 }, rows)).toEqual({
      row: 2,
      pixels: 0
    });
  });

  it.each([even(50), wrapped(50)])('stays inside', rows => {
    expect(settle({ row: 3, pixels: -9999 }, rows)).toEqual({
      row: 0,
      pixels: 0
    });
    expect(settle({ row: 3, pixels: 99_999 }, rows).row).toBe(49);
    expect(settle({ row: 500, pixels: 5 }, rows).row).toBe(49);
  });

  it('comes back to where it was', () => {
    for (const rows of [even(500), wrapped(500)]) {
      const begin = { row: 250, pixels: 5 };
      const away = settle({ ...begin, pixels: 5 - 1234 }, rows);
      const back = settle({ ...away, pixels: away.pixels + 1234 }, rows);
      expect(back).toEqual(begin);
    }
  });

  it('is the start where there is nothing', () => {
    expect(settle({ row: 5, pixels: 10 }, even(0))).toEqual({
      row: 0,
      pixels: 10
    });
  });
});
