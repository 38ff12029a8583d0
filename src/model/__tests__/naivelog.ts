/** A whole log read the slow and obvious way, to compare with. */
export interface INaiveRow {
  /** The line of the log that made the row. */
  line: number;
  text: string;
}

/**
 * Runs a terminal over all of the text, one character at a time. Text that
 * follows a return replaces the row, as in the log view.
 */
export function naiveRows(text: string): INaiveRow[] {
  const rows: INaiveRow[] = [{ line: 0, text: '' }];
  let at = 0;
  let line = 0;
  let fresh = false;
  const tokens = text.match(/\x1b\[[0-?]*[@-~]|[\s\S]/g) ?? [];
  for (const token of tokens) {
    const count = Number(/\d+/.exec(token)?.[0] ?? 0);
    if (token === '\n') {
      line++;
      if (at === rows.length - 1) {
        rows.push({ line, text: '' });
        fresh = false;
        at++;
      } else {
        at++;
        fresh = true;
      }
    } else if (token === '\r') {
      fresh = true;
    } else if (token.startsWith('\x1b')) {
      if (token.endsWith('A')) {
        at = Math.max(0, rows.length - 64, at - Math.max(1, count));
      } else if (token.endsWith('K') && (fresh || count > 0)) {
        rows[at].text = '';
      }
    } else {
      rows[at].text = (fresh ? '' : rows[at].text) + token;
      fresh = false;
    }
  }
  // A line that has not begun is not a row.
  const last = rows[rows.length - 1];
  if (last.line === line && /(^|\n)$/.test(text)) {
    rows.pop();
  }
  return rows;
}

/** Seeded, so that a failure can be seen again. */
export function random(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return below => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    return Math.floor((((state ^ (state >>> 13)) >>> 0) / 4294967296) * below);
  };
}
