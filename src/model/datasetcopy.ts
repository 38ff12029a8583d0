import type { IJobsClient } from '../tokens';
import type { IShownColumn } from './datasets';

/** More rows than this belong into an export, not into a clipboard. */
export const MOST_COPIED = 10_000;

/** What one answer of the server may hold. */
const PAGE_ROWS = 1000;

/** Rows and columns of a selection; the last of each are included. */
export interface ICellRange {
  readonly firstRow: number;
  readonly lastRow: number;
  readonly columns: readonly IShownColumn[];
}

export interface ICopied {
  /** What a paste into a spreadsheet understands. */
  readonly text: string;
  readonly rows: number;
  /** How many cells are not whole: the server cuts long ones. */
  readonly cut: number;
}

export async function copyText(
  client: IJobsClient,
  uuid: string,
  range: ICellRange
): Promise<ICopied> {
  const wanted = new Set(range.columns.map(column => column.index));
  let cut = 0;
  const rows = Math.min(range.lastRow - range.firstRow + 1, MOST_COPIED);
  const single = rows === 1 && range.columns.length === 1;
  const lines: string[] = single
    ? []
    : [range.columns.map(column => column.path.join('.')).join('\t')];
  for (let done = 0; done < rows;) {
    const limit = Math.min(PAGE_ROWS, rows - done);
    const page = await client.rows(uuid, {
      offset: range.firstRow + done,
      limit
    });
    if (page.rows.length === 0) {
      break;
    }
    for (const row of page.rows) {
      lines.push(
        range.columns.map(column => field(row[column.index])).join('\t')
      );
    }
    cut += page.truncated.filter(([, column]) => wanted.has(column)).length;
    done += page.rows.length;
  }
  return { text: lines.join('\n'), rows, cut };
}

/** As the grid shows it, which is as Python writes it. */
function plain(value: unknown): string {
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  if (Object.is(value, -0)) {
    return '-0.0';
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A value in one field: tabs and line ends would begin another one. */
function field(value: unknown): string {
  if (value === null || value === undefined) {
    return '';
  }
  const text = plain(value);
  return /[\t\n\r"]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
