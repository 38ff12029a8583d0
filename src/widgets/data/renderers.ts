import {
  RendererMap,
  TextRenderer,
  type CellRenderer,
  type GraphicsContext
} from '@lumino/datagrid';

import { LOADING } from '../../model/datasetpages';
import { elide, formatCell, isNumeric } from './format';
import type { GridModel } from './gridmodel';
import type { IGridTheme } from './theme';
import { measurer } from './widths';

/** Narrower characters than this do not exist in a text font. */
const LEAST_CHARACTER = 3;

/** Texts whose length in their cells is known: some screens full. */
const MOST_ELIDED = 4000;

/** Between a column's name and its type. */
const GAP = 8;

/** Cells of the body: text, muted words for what is no value, bars while loading. */
class BodyRenderer extends TextRenderer {
  constructor(
    private readonly _model: GridModel,
    private readonly _theme: IGridTheme
  ) {
    super({
      font: _theme.font,
      textColor: config =>
        this._text(config).muted ? _theme.muted : _theme.text,
      horizontalAlignment: config =>
        isNumeric(this._type(config)) ? 'right' : 'left'
    });
  }

  getText(config: CellRenderer.CellConfig): string {
    const text = this._text(config).text.slice(
      0,
      Math.ceil(config.width / LEAST_CHARACTER)
    );
    const key = `${config.width} ${text}`;
    let shown = this._elided.get(key);
    if (shown === undefined) {
      if (this._elided.size >= MOST_ELIDED) {
        this._elided.clear();
      }
      const room = config.width - 2 * this.horizontalPadding;
      shown = elide(text, room, part => this._measure(part, this._theme.font));
      this._elided.set(key, shown);
    }
    return shown;
  }

  drawText(gc: GraphicsContext, config: CellRenderer.CellConfig): void {
    if (config.value !== LOADING) {
      super.drawText(gc, config);
      return;
    }
    // Lengths that differ from row to row look like text, and keep still.
    const share = 0.35 + ((config.row * 7 + config.column * 3) % 5) / 10;
    gc.fillStyle = this._theme.skeleton;
    gc.fillRect(
      config.x + this.horizontalPadding,
      config.y + config.height / 2 - 4,
      Math.max(12, (config.width - 16) * share),
      8
    );
  }

  private _type(config: CellRenderer.CellConfig): string {
    return this._model.open.columns[config.column].type;
  }

  private _text(config: CellRenderer.CellConfig): {
    text: string;
    muted: boolean;
  } {
    const value: unknown = config.value;
    return formatCell(value, this._type(config));
  }

  private readonly _measure = measurer();
  private readonly _elided = new Map<string, string>();
}

/** Signals and columns: the name, and beside it the type where there is room. */
class HeaderRenderer extends TextRenderer {
  constructor(
    private readonly _model: GridModel,
    private readonly _theme: IGridTheme,
    private readonly _left: () => number
  ) {
    super({ font: _theme.boldFont, textColor: _theme.text });
  }

  drawText(gc: GraphicsContext, config: CellRenderer.CellConfig): void {
    const type = this._model.headers.type(config.row, config.column);
    if (type === null) {
      // The name of a wide signal stays in sight while its columns scroll by.
      const x = Math.max(config.x, this._left());
      super.drawText(gc, { ...config, x, width: config.x + config.width - x });
      return;
    }
    const text = String(config.value);
    gc.font = this._theme.boldFont;
    const name = gc.measureText(text).width;
    gc.font = this._theme.smallFont;
    const room = config.width - 2 * this.horizontalPadding - name - GAP;
    if (room >= gc.measureText(type).width) {
      gc.fillStyle = this._theme.muted;
      gc.textAlign = 'left';
      gc.textBaseline = 'middle';
      gc.fillText(
        type,
        config.x + this.horizontalPadding + name + GAP,
        config.y + config.height / 2 + 1
      );
    }
    super.drawText(gc, config);
  }
}

/** Everything that the grid draws, in one theme. `left` is where columns begin. */
export function makeRenderers(
  model: GridModel,
  theme: IGridTheme,
  left: () => number
): RendererMap.Values {
  return {
    body: new BodyRenderer(model, theme),
    'column-header': new HeaderRenderer(model, theme, left),
    'corner-header': new TextRenderer({ font: theme.font }),
    'row-header': new TextRenderer({
      font: theme.font,
      textColor: theme.muted,
      horizontalAlignment: 'right',
      format: config => Number(config.value).toLocaleString()
    })
  };
}
