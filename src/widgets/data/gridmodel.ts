import { DataModel, type CellGroup } from '@lumino/datagrid';

import type { IRowsChanged } from '../../model/datasetpages';
import type { IOpenDataset } from '../../model/datasets';
import { makeHeaders, type IHeaders } from './headers';

/** Shows a dataset's pages to the grid. Painting asks for cells and reads nothing. */
export class GridModel extends DataModel {
  constructor(readonly open: IOpenDataset) {
    super();
    this.headers = makeHeaders(open.columns);
    open.pages.changed.connect(this._onRows, this);
  }

  readonly headers: IHeaders;

  dispose(): void {
    this.open.pages.changed.disconnect(this._onRows, this);
  }

  rowCount(region: DataModel.RowRegion): number {
    return region === 'body' ? this.open.pages.rowCount : this.headers.depth;
  }

  columnCount(region: DataModel.ColumnRegion): number {
    return region === 'body' ? this.open.columns.length : 1;
  }

  data(region: DataModel.CellRegion, row: number, column: number): unknown {
    switch (region) {
      case 'body':
        return this.open.pages.cell(row, this.open.columns[column].index);
      case 'column-header':
        return this.headers.label(row, column);
      case 'row-header':
        return row;
      case 'corner-header':
        return '';
    }
  }

  groupCount(region: DataModel.CellRegion): number {
    return this._groups(region).length;
  }

  group(region: DataModel.CellRegion, index: number): CellGroup | null {
    return this._groups(region)[index] ?? null;
  }

  private _groups(region: DataModel.CellRegion): readonly CellGroup[] {
    if (region === 'column-header') {
      return this.headers.groups;
    }
    return region === 'corner-header' && this.headers.depth > 1
      ? [{ r1: 0, r2: this.headers.depth - 1, c1: 0, c2: 0 }]
      : [];
  }

  private _onRows(_: unknown, { row, count }: IRowsChanged): void {
    this.emitChanged({
      type: 'cells-changed',
      region: 'body',
      row,
      column: 0,
      rowSpan: count,
      columnSpan: this.open.columns.length
    });
  }
}
