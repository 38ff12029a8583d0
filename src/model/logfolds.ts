/** Lines that only redrew others: they are counted in the log and not shown. */
interface IFold {
  readonly start: number;
  end: number;
  /** Lines in the folds before this one. */
  readonly before: number;
}

/**
 * Turns lines of the log into rows on the screen and back. They differ where
 * a program moved the cursor up and drew over what it had written: nested
 * progress bars write thousands of lines, and show two.
 */
export class LogFolds {
  /** How many lines are folded away. */
  get folded(): number {
    const last = this._folds[this._folds.length - 1];
    return last ? last.before + last.end - last.start : 0;
  }

  /** Folds the next line; lines come in order. */
  add(line: number): void {
    const last = this._folds[this._folds.length - 1];
    if (last && last.end === line) {
      last.end++;
    } else {
      this._folds.push({ start: line, end: line + 1, before: this.folded });
    }
  }

  lineOf(row: number): number {
    const fold = this._last(each => each.start - each.before <= row);
    return fold ? row + fold.before + fold.end - fold.start : row;
  }

  /** The row that shows a line; for a folded one the row above it. */
  rowOf(line: number): number {
    const fold = this._last(each => each.start <= line);
    if (!fold) {
      return line;
    }
    return line < fold.end
      ? Math.max(0, fold.start - fold.before - 1)
      : line - fold.before - (fold.end - fold.start);
  }

  /** Unfolds all lines before `line`. */
  forget(line: number): void {
    const kept = this._folds.filter(fold => fold.start >= line);
    this._folds.length = 0;
    let before = 0;
    for (const { start, end } of kept) {
      this._folds.push({ start, end, before });
      before += end - start;
    }
  }

  /** The last fold for which `holds`, which holds for the first ones only. */
  private _last(holds: (fold: IFold) => boolean): IFold | undefined {
    let low = 0;
    let high = this._folds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this._folds[middle])) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return this._folds[low - 1];
  }

  private readonly _folds: IFold[] = [];
}
