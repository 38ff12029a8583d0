import { BasicMouseHandler, type DataGrid } from '@lumino/datagrid';

/** The grid's own mouse, and a tooltip with what a cell cannot show. */
export class GridMouse extends BasicMouseHandler {
  constructor(
    private readonly _words: (hit: DataGrid.HitTestResult) => string
  ) {
    super();
  }

  onMouseHover(grid: DataGrid, event: MouseEvent): void {
    super.onMouseHover(grid, event);
    const hit = grid.hitTest(event.clientX, event.clientY);
    const words = hit.region === 'void' ? '' : this._words(hit);
    if (grid.viewport.node.title !== words) {
      grid.viewport.node.title = words;
    }
  }

  onMouseLeave(grid: DataGrid, event: MouseEvent): void {
    super.onMouseLeave(grid, event);
    grid.viewport.node.title = '';
  }
}
