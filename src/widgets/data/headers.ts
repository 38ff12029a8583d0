import type { CellGroup } from '@lumino/datagrid';

/** What the header needs to know of a column. */
export interface IHeaderColumn {
  readonly path: readonly string[];
  readonly type: string;
}

export interface IHeaders {
  /** Rows of the header: the depth of the deepest signal. */
  readonly depth: number;
  /** Cells that are drawn as one: signals over their fields. */
  readonly groups: readonly CellGroup[];
  label(row: number, column: number): string;
  /** The type, for the cell that names the column itself. */
  type(row: number, column: number): string | null;
}

/**
 * Nested signals as grouped headers. A signal stands above its fields; the
 * name of a column that is less deep reaches down to the rows.
 */
export function makeHeaders(columns: readonly IHeaderColumn[]): IHeaders {
  const depth = Math.max(1, ...columns.map(column => column.path.length));
  const groups: CellGroup[] = [];
  const leafRow = (column: number): number => columns[column].path.length - 1;

  for (let row = 0; row < depth; row++) {
    for (let column = 0; column < columns.length;) {
      const leaf = leafRow(column);
      let end = column;
      if (row < leaf) {
        while (
          end + 1 < columns.length &&
          leafRow(end + 1) > row &&
          samePrefix(columns[column].path, columns[end + 1].path, row + 1)
        ) {
          end++;
        }
        if (end > column) {
          groups.push({ r1: row, r2: row, c1: column, c2: end });
        }
      } else if (row === leaf && leaf < depth - 1) {
        groups.push({ r1: leaf, r2: depth - 1, c1: column, c2: column });
      }
      column = end + 1;
    }
  }

  return {
    depth,
    groups,
    label: (row, column) => {
      const { path } = columns[column];
      return path[Math.min(row, path.length - 1)];
    },
    type: (row, column) =>
      row >= leafRow(column) ? columns[column].type : null
  };
}

function samePrefix(
  a: readonly string[],
  b: readonly string[],
  length: number
): boolean {
  for (let at = 0; at < length; at++) {
    if (a[at] !== b[at]) {
      return false;
    }
  }
  return true;
}
