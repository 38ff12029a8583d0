import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { parseAnsi } from '../../../model/logansi';
import { findLinks } from '../links';
import { fillRow, makeRow, numberRow, textOf } from '../row';

const trans = nullTranslator.load('');

function draw(raw: string, hidden = 0): HTMLElement {
  const { spans, style } = parseAnsi(raw);
  const text = spans.map(span => span.text).join('');
  const row = makeRow(41);
  fillRow(
    row,
    { number: 41, spans, style, text, hidden, version: 0 },
    findLinks(text, path => path),
    trans
  );
  return row;
}

describe('a row', () => {
  it('has the number that people count from one', () => {
    const row = draw('x');
    numberRow(row, 29);
    expect(row.dataset).toMatchObject({ line: '41', number: '30' });
  });

  it('never makes elements of what was printed', () => {
    const row = draw('<img src=x onerror=alert(1)> & "quotes"');
    expect(textOf(row).childElementCount).toBe(0);
    expect(textOf(row).textContent).toBe(
      '<img src=x onerror=alert(1)> & "quotes"'
    );
  });

  it('wears the classes of the 16 colours, and other colours as asked', () => {
    const row = draw('\x1b[31;102mone\x1b[0m\x1b[38;2;1;2;3mtwo');
    const [one, two] = textOf(row).children as unknown as HTMLElement[];
    expect(one.className).toBe('ansi-red-fg ansi-green-intense-bg');
    expect(two.style.color).toBe('rgb(1, 2, 3)');
  });

  it('swaps both sides when inverse', () => {
    const [one, two] = textOf(draw('\x1b[7;31mone\x1b[0;7mtwo')).children;
    expect(one.className).toBe('ansi-default-inverse-fg ansi-red-bg');
    expect(two.className).toBe(
      'ansi-default-inverse-fg ansi-default-inverse-bg'
    );
  });

  it('links through colours', () => {
    const row = draw('\x1b[35mFile "\x1b[1ma.py\x1b[0m", line 3, in f');
    const links = [...row.querySelectorAll('a')];
    expect(links.map(link => link.textContent).join('')).toBe(
      'File "a.py", line 3'
    );
    expect(links.every(link => link.dataset.at === '3')).toBe(true);
    expect(textOf(row).textContent).toBe('File "a.py", line 3, in f');
  });

  it('opens addresses elsewhere, without telling them from where', () => {
    const link = draw(
      '\x1b]8;;https://a.b\x1b\\text\x1b]8;;\x1b\\'
    ).querySelector('a')!;
    expect([link.href, link.target, link.rel]).toEqual([
      'https://a.b/',
      '_blank',
      'noopener noreferrer'
    ]);
  });

  it('says how much of a long line is not shown, outside of the text', () => {
    const row = draw('x', 5000);
    expect(
      row.querySelector('[data-note]')?.getAttribute('data-note')
    ).toContain((5000).toLocaleString());
    expect(textOf(row).textContent).toBe('x');
  });

  it('keeps its place while it loads', () => {
    const row = makeRow(0);
    fillRow(row, null, [], trans);
    expect(row.classList.contains('jp-mod-loading')).toBe(true);
  });
});
