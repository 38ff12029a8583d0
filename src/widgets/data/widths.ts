import { LOADING } from '../../model/datasetpages';
import { formatCell } from './format';
import type { GridModel } from './gridmodel';
import type { IGridTheme } from './theme';

const LEAST = 64;
const MOST = 360;
const PADDING = 24;
const SAMPLE = 50;

/** Pixels for each column: what its name, type and first loaded rows need. */
export function columnWidths(
  model: GridModel,
  theme: IGridTheme,
  firstRow: number
): number[] {
  const measure = measurer();
  const { columns, pages } = model.open;
  return columns.map((column, at) => {
    const leaf = column.path.length - 1;
    let width =
      measure(model.headers.label(leaf, at), theme.boldFont) +
      measure(column.type, theme.smallFont) +
      8;
    for (let row = firstRow; row < firstRow + SAMPLE; row++) {
      const value = pages.cell(row, column.index);
      if (value !== LOADING) {
        const { text } = formatCell(value, column.type);
        width = Math.max(width, measure(text.slice(0, 80), theme.font));
      }
    }
    return Math.round(Math.min(MOST, Math.max(LEAST, width + PADDING)));
  });
}

/** Pixels that a text takes in a font. */
export function measurer(): (text: string, font: string) => number {
  const context = document.createElement('canvas').getContext('2d');
  return (text, font) => {
    if (!context) {
      return text.length * 8;
    }
    context.font = font;
    return context.measureText(text).width;
  };
}
