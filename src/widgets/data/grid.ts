import { DataGrid } from '@lumino/datagrid';
import { Signal, type ISignal } from '@lumino/signaling';

import { paintDirectly } from './directpaint';

/** Rows and columns; the last of each are included. */
export type IWindow = DataGrid.IBodyRegion;

/** A data grid that tells when it shows other cells. */
export class DatasetGrid extends DataGrid {
  constructor(options: DataGrid.IOptions) {
    super(options);
    paintDirectly(this);
  }

  get painted(): ISignal<this, void> {
    return this._painted;
  }

  /** What is visible; null when nothing is. */
  get window(): IWindow | null {
    const view = this.currentViewport;
    if (!view || this.rowCount('body') === 0) {
      return null;
    }
    // Sections that end above the lower edge leave the last index open.
    const last = (index: number, count: number): number =>
      index < 0 ? count - 1 : index;
    return {
      firstRow: Math.max(0, view.firstRow),
      lastRow: last(view.lastRow, this.rowCount('body')),
      firstColumn: Math.max(0, view.firstColumn),
      lastColumn: last(view.lastColumn, this.columnCount('body'))
    };
  }

  dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  protected paintContent(x: number, y: number, w: number, h: number): void {
    super.paintContent(x, y, w, h);
    this._painted.emit();
  }

  private readonly _painted = new Signal<this, void>(this);
}
