/** A place in a long list: a row at the top, and how far it is scrolled past. */
export interface IPlaceInRows {
  readonly row: number;
  readonly pixels: number;
}

export interface IRowHeights {
  readonly count: number;
  /** The height of every row; null when they differ. */
  readonly even: number | null;
  heightOf(row: number): number;
}

/** The same place, said by the row that is partly visible there. */
export function settle(place: IPlaceInRows, rows: IRowHeights): IPlaceInRows {
  const last = Math.max(0, rows.count - 1);
  let row = Math.min(Math.max(0, place.row), last);
  let { pixels } = place;
  if (rows.even !== null) {
    // A jump over a million rows is not a million steps.
    const steps = Math.floor(pixels / rows.even);
    row += steps;
    pixels -= steps * rows.even;
  } else {
    while (pixels < 0 && row > 0) {
      pixels += rows.heightOf(--row);
    }
    while (row < last && pixels >= rows.heightOf(row)) {
      pixels -= rows.heightOf(row++);
    }
  }
  if (row < 0 || pixels < 0) {
    return { row: 0, pixels: 0 };
  }
  return row > last ? { row: last, pixels: 0 } : { row, pixels };
}
