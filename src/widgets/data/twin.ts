import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import { LOADING } from '../../model/datasetpages';
import { formatCell } from './format';
import type { DatasetGrid, IWindow } from './grid';
import type { GridModel } from './gridmodel';

/** A canvas that scrolls is described when it rests. */
const REST_MS = 150;
const MOST_ROWS = 60;
const MOST_COLUMNS = 40;

/**
 * The visible window of the grid as elements that a screen reader can read: a
 * canvas has none. The focused element is the grid, and the cursor its active
 * descendant.
 */
export class GridTwin implements IDisposable {
  constructor(
    private readonly _grid: DatasetGrid,
    private readonly _trans: TranslationBundle
  ) {
    const root = _grid.viewport.node;
    root.tabIndex = 0;
    root.setAttribute('role', 'grid');
    root.setAttribute('aria-readonly', 'true');
    root.setAttribute('aria-multiselectable', 'true');
    root.querySelectorAll('canvas').forEach(canvas => {
      canvas.setAttribute('aria-hidden', 'true');
    });
    this._rows.className = 'jp-DataChain-srOnly';
    this._rows.setAttribute('role', 'rowgroup');
    root.append(this._rows);
    _grid.painted.connect(this.refresh, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  setModel(model: GridModel | null, label: string): void {
    this._model = model;
    const root = this._grid.viewport.node;
    root.setAttribute('aria-label', label);
    root.setAttribute(
      'aria-rowcount',
      String((model?.rowCount('body') ?? 0) + 1)
    );
    root.setAttribute(
      'aria-colcount',
      String((model?.columnCount('body') ?? 0) + 1)
    );
    this.refresh();
  }

  refresh(): void {
    clearTimeout(this._timer);
    this._timer = window.setTimeout(() => this._draw(), REST_MS);
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      clearTimeout(this._timer);
      this._grid.painted.disconnect(this.refresh, this);
    }
  }

  private _draw(): void {
    const model = this._model;
    const view = model && !this._isDisposed ? this._grid.window : null;
    const rows: HTMLElement[] = [];
    if (model && view) {
      const last = Math.min(view.lastRow, view.firstRow + MOST_ROWS);
      rows.push(this._header(model, view));
      for (let row = view.firstRow; row <= last; row++) {
        rows.push(this._row(model, view, row));
      }
    }
    this._rows.replaceChildren(...rows);
    this._mark();
  }

  /** Names the cell that the cursor is on. */
  private _mark(): void {
    const root = this._grid.viewport.node;
    const selection = this._grid.selectionModel;
    const { cursorRow = -1, cursorColumn = -1 } = selection ?? {};
    const id = this._id(cursorRow, cursorColumn);
    const cell = root.querySelector(`#${CSS.escape(id)}`);
    if (cell) {
      cell.setAttribute('aria-selected', 'true');
      root.setAttribute('aria-activedescendant', id);
    } else {
      root.removeAttribute('aria-activedescendant');
    }
  }

  private _header(model: GridModel, view: IWindow): HTMLElement {
    const cells = [element('columnheader', this._trans.__('Row'), 1)];
    for (const column of columnsOf(view)) {
      const { path, type } = model.open.columns[column];
      const words = `${path.join(' ')}, ${type}`;
      cells.push(element('columnheader', words, column + 2));
    }
    return line(cells, 1);
  }

  private _row(model: GridModel, view: IWindow, row: number): HTMLElement {
    const cells = [element('rowheader', String(row), 1)];
    for (const column of columnsOf(view)) {
      const value = model.data('body', row, column);
      const words =
        value === LOADING
          ? this._trans.__('loading')
          : formatCell(value, model.open.columns[column].type).text;
      const cell = element('gridcell', words, column + 2);
      cell.id = this._id(row, column);
      cells.push(cell);
    }
    return line(cells, row + 2);
  }

  private _id(row: number, column: number): string {
    return `${this._grid.id || 'grid'}-${row}-${column}`;
  }

  private _model: GridModel | null = null;
  private _timer = 0;
  private _isDisposed = false;
  private readonly _rows = document.createElement('div');
}

function columnsOf(view: IWindow): number[] {
  const last = Math.min(view.lastColumn, view.firstColumn + MOST_COLUMNS);
  return Array.from(
    { length: last - view.firstColumn + 1 },
    (_, at) => view.firstColumn + at
  );
}

function element(role: string, text: string, column: number): HTMLElement {
  const node = document.createElement('div');
  node.setAttribute('role', role);
  node.setAttribute('aria-colindex', String(column));
  node.textContent = text;
  return node;
}

function line(cells: HTMLElement[], index: number): HTMLElement {
  const node = document.createElement('div');
  node.setAttribute('role', 'row');
  node.setAttribute('aria-rowindex', String(index));
  node.append(...cells);
  return node;
}
