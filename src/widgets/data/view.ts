import type { TranslationBundle } from '@jupyterlab/translation';
import { Toolbar } from '@jupyterlab/ui-components';
import { BasicSelectionModel, DataGrid } from '@lumino/datagrid';
import type { Message } from '@lumino/messaging';
import { BoxLayout, Widget } from '@lumino/widgets';

import { copyText, MOST_COPIED } from '../../model/datasetcopy';
import { LOADING } from '../../model/datasetpages';
import { JobDatasets, type IOpenDataset } from '../../model/datasets';
import type { IJobViewOptions } from '../../tokens';
import { EmptyNote } from './emptynote';
import { exactText } from './format';
import { DatasetGrid } from './grid';
import { GridModel } from './gridmodel';
import { GridKeys } from './keys';
import { GridMouse } from './mouse';
import { Picker } from './picker';
import { makeRenderers } from './renderers';
import { readTheme } from './theme';
import { GridTwin } from './twin';
import { columnWidths } from './widths';
import { emptyWords, say, sizeWords, versionLabel } from './words';

const ROW_HEIGHT = 24;

/** Room for a scroll bar below a header without rows. */
const SCROLL_BAR = 20;

/** The dataset versions of one job, and the rows of one of them. */
export class DataView extends Widget {
  constructor(private readonly _options: IJobViewOptions) {
    super();
    this.addClass('jp-DataChainData');
    this._trans = _options.translator.load('jupyter_datachain_jobs');
    this._datasets = new JobDatasets(_options.job, _options.client);
    this._picker = new Picker(this._trans);
    this.grid = this._makeGrid();
    this._twin = new GridTwin(this.grid, this._trans);
    this._empty = new EmptyNote(
      this._trans,
      () => void this._datasets.refresh(),
      () => this._goToScript()
    );

    const toolbar = new Toolbar();
    toolbar.addClass('jp-DataChainData-toolbar');
    toolbar.node.setAttribute('aria-label', this._trans.__('Dataset'));
    toolbar.addItem('picker', this._picker);
    this._toolbar = toolbar;

    const layout = new BoxLayout({ direction: 'top-to-bottom', spacing: 0 });
    for (const [widget, stretch] of [
      [toolbar, 0],
      [this.grid, 1],
      [this._empty, 1]
    ] as const) {
      layout.addWidget(widget);
      BoxLayout.setStretch(widget, stretch);
    }
    this.layout = layout;

    this._picker.picked.connect((_, uuid) => this._datasets.select(uuid));
    this._datasets.changed.connect(this._refresh, this);
    _options.job.changed.connect(this._refresh, this);
    _options.themeChanged?.connect(this._onTheme, this);
    this.grid.painted.connect(this._onPainted, this);
    this._refresh();
  }

  readonly grid: DatasetGrid;

  /** Draws in the colours of the theme as it is now. */
  restyle(): void {
    if (!this.isAttached || !this._model) {
      return;
    }
    const theme = readTheme(this.node);
    this.grid.style = theme.style;
    this.grid.cellRenderers.update(
      makeRenderers(this._model, theme, () => this.grid.headerWidth)
    );
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._options.job.changed.disconnect(this._refresh, this);
      this._options.themeChanged?.disconnect(this._onTheme, this);
      this._twin.dispose();
      this._model?.dispose();
      this._datasets.dispose();
      super.dispose();
    }
  }

  protected onAfterAttach(message: Message): void {
    this.restyle();
    if (this.isVisible) {
      this._datasets.start();
    }
  }

  protected onBeforeDetach(message: Message): void {
    this._datasets.stop();
  }

  protected onAfterShow(message: Message): void {
    this._datasets.start();
    this.restyle();
  }

  protected onAfterHide(message: Message): void {
    this._datasets.stop();
  }

  protected onActivateRequest(message: Message): void {
    this.grid.activate();
  }

  private _makeGrid(): DatasetGrid {
    const grid = new DatasetGrid({
      defaultSizes: {
        rowHeight: ROW_HEIGHT,
        columnWidth: 144,
        rowHeaderWidth: 72,
        columnHeaderHeight: ROW_HEIGHT
      },
      headerVisibility: 'all'
    });
    grid.addClass('jp-DataChainData-grid');
    grid.id = `jp-DataChainData-${++counter}`;
    grid.keyHandler = new GridKeys(() => void this._copy());
    grid.mouseHandler = new GridMouse(hit => this._tooltip(hit));
    return grid;
  }

  private _refresh(): void {
    const trans = this._trans;
    const { open, items, problem } = this._datasets;
    if (open !== (this._model?.open ?? null)) {
      this._setOpen(open);
    }
    this._picker.setItems(
      items.map(item => ({
        value: item.uuid,
        label: versionLabel(item, trans)
      })),
      open?.detail.uuid ?? null
    );
    this._picker.setSize(
      open ? sizeWords(open.pages.rowCount, open.columns.length, trans) : ''
    );
    const failed = open?.pages.problem ?? (open ? problem : null);
    this._picker.say(failed ? say(failed) : '');
    const words = emptyWords(this._datasets, this._options.job, trans);
    this._empty.set(words);
    this._empty.setHidden(words === null);
    // Without rows the header still tells the columns.
    this.grid.setHidden(!open);
    BoxLayout.setStretch(this.grid, words === null ? 1 : 0);
    BoxLayout.setSizeBasis(
      this.grid,
      words === null ? 0 : this.grid.headerHeight + SCROLL_BAR
    );
    this._toolbar.setHidden(words !== null && items.length === 0);
  }

  private _setOpen(open: IOpenDataset | null): void {
    this._model?.open.pages.problemChanged.disconnect(this._refresh, this);
    this._model?.dispose();
    const same =
      open?.columns.map(column => column.name).join() ===
      this._model?.open.columns.map(column => column.name).join();
    this._model = open && new GridModel(open);
    open?.pages.problemChanged.connect(this._refresh, this);
    this.grid.dataModel = this._model;
    this.grid.selectionModel =
      this._model && new BasicSelectionModel({ dataModel: this._model });
    this.grid.selectionModel?.changed.connect(this._twin.refresh, this._twin);
    this._twin.setModel(this._model, open?.detail.full_name ?? '');
    this._fitted = same && this._fitted;
    if (open) {
      const digits = open.pages.rowCount.toLocaleString().length;
      this.grid.resizeColumn('row-header', 0, Math.max(48, 24 + digits * 8));
      open.pages.changed.connect(this._fit, this);
      this._fit();
      this.restyle();
    }
  }

  /** Columns get their width once, when the first rows are there. */
  private _fit(): void {
    const model = this._model;
    if (!model || this._fitted || !this.isAttached) {
      return;
    }
    const first = this.grid.window?.firstRow ?? 0;
    this._fitted = model.data('body', first, 0) !== LOADING;
    columnWidths(model, readTheme(this.node), first).forEach(
      (width, column) => {
        this.grid.resizeColumn('body', column, width);
      }
    );
  }

  private _onPainted(): void {
    const view = this.grid.window;
    if (view) {
      this._model?.open.pages.want(view.firstRow, view.lastRow);
    }
  }

  private _onTheme(): void {
    // The variables change with a style sheet that is just being swapped.
    requestAnimationFrame(() => this.restyle());
  }

  private _tooltip(hit: DataGrid.HitTestResult): string {
    const model = this._model;
    if (!model || hit.row < 0 || hit.column < 0) {
      return '';
    }
    const column = model.open.columns[hit.column];
    if (hit.region === 'column-header') {
      return `${column.path.slice(0, hit.row + 1).join('.')}${
        model.headers.type(hit.row, hit.column) ? `: ${column.type}` : ''
      }`;
    }
    const value: unknown =
      hit.region === 'body' ? model.data('body', hit.row, hit.column) : LOADING;
    return value === LOADING
      ? ''
      : exactText(value, model.open.pages.fullLength(hit.row, column.index));
  }

  private async _copy(): Promise<void> {
    const selection = this.grid.selectionModel?.currentSelection();
    const open = this._model?.open;
    if (!selection || !open) {
      return;
    }
    const trans = this._trans;
    const [firstRow, lastRow] = ordered(selection.r1, selection.r2);
    const [firstColumn, lastColumn] = ordered(selection.c1, selection.c2);
    this._picker.say(trans.__('Copying…'));
    try {
      const { text, rows, cut } = await copyText(
        this._options.client,
        open.detail.uuid,
        {
          firstRow,
          lastRow: Math.min(lastRow, open.pages.rowCount - 1),
          columns: open.columns.slice(firstColumn, lastColumn + 1)
        }
      );
      await navigator.clipboard.writeText(text);
      const count = rows.toLocaleString();
      this._picker.say(
        (rows === MOST_COPIED && lastRow - firstRow + 1 > rows
          ? trans.__('Copied the first %1 rows, the most at once.', count)
          : trans._n('Copied %1 row.', 'Copied %1 rows.', rows)) +
          (cut > 0 ? ` ${trans.__('Long cells are cut.')}` : ''),
        true
      );
    } catch (error) {
      this._picker.say(say(error as Error), true);
    }
  }

  private _goToScript(): void {
    const path = this._options.job.job?.script.path;
    if (path) {
      this._options.goTo({ path, line: 1 });
    }
  }

  private readonly _trans: TranslationBundle;
  private readonly _datasets: JobDatasets;
  private readonly _picker: Picker;
  private readonly _twin: GridTwin;
  private readonly _empty: EmptyNote;
  private readonly _toolbar: Widget;
  private _model: GridModel | null = null;
  private _fitted = false;
}

let counter = 0;

function ordered(a: number, b: number): [number, number] {
  return a < b ? [a, b] : [b, a];
}
