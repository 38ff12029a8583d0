import { BasicKeyHandler, type DataGrid } from '@lumino/datagrid';

/** The grid's own keys, without those that hold the focus, and with both ends. */
export class GridKeys extends BasicKeyHandler {
  constructor(private readonly _copy: () => void) {
    super();
  }

  onKeyDown(grid: DataGrid, event: KeyboardEvent): void {
    switch (event.key) {
      case 'Tab':
        // Leaves the grid: a grid that keeps Tab is a trap for the keyboard.
        return;
      case 'Home':
      case 'End':
        this._toEnd(grid, event);
        return;
      case 'a':
        if (event.ctrlKey || event.metaKey) {
          this._selectAll(grid, event);
        }
        return;
    }
    super.onKeyDown(grid, event);
  }

  /** Copying goes through the server: the grid has only what is visible. */
  protected onKeyC(grid: DataGrid, event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      this._copy();
    }
  }

  protected onDelete(grid: DataGrid, event: KeyboardEvent): void {
    // Rows of a saved version are not changed.
  }

  private _toEnd(grid: DataGrid, event: KeyboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    const model = grid.selectionModel;
    if (!model) {
      return;
    }
    const last = event.key === 'End';
    const all = event.ctrlKey || event.metaKey;
    const columns = grid.columnCount('body') - 1;
    const row = all
      ? last
        ? grid.rowCount('body') - 1
        : 0
      : Math.max(0, model.cursorRow);
    const column = all ? Math.max(0, model.cursorColumn) : last ? columns : 0;
    model.select({
      r1: row,
      c1: column,
      r2: row,
      c2: column,
      cursorRow: row,
      cursorColumn: column,
      clear: 'all'
    });
    grid.scrollToCell(row, column);
  }

  private _selectAll(grid: DataGrid, event: KeyboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    grid.selectionModel?.select({
      r1: 0,
      c1: 0,
      r2: grid.rowCount('body') - 1,
      c2: grid.columnCount('body') - 1,
      cursorRow: Math.max(0, grid.selectionModel.cursorRow),
      cursorColumn: Math.max(0, grid.selectionModel.cursorColumn),
      clear: 'all'
    });
  }
}
