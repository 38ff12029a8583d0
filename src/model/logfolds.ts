/** Lines that are counted in the log and not shown. */
interface IFold {
  readonly start: number;
  end: number;
  /** Lines in the folds before this one. */
  readonly before: number;
  /** Those of them that only redrew others. */
  readonly redrawn: number;
  /** They are in no log any more; else they only redrew others. */
  readonly gone: boolean;
}

interface IRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Turns lines of the log into rows on the screen and back. They differ where
 * a program moved the cursor up and drew over what it had written: nested
 * progress bars write thousands of lines, and show two. And where a limited
 * log lost lines, one row stands for all of them.
 */
export class LogFolds {
  /** How many lines are folded away. */
  get folded(): number {
    const last = this._folds[this._folds.length - 1];
    return last ? last.before + last.end - last.start : 0;
  }

  /** Folds the next line, which redraws another; lines come in order. */
  add(line: number): void {
    const last = this._folds[this._folds.length - 1];
    if (last && last.end === line && !last.gone) {
      last.end++;
    } else {
      this._push({ start: line, end: line + 1, gone: false });
    }
  }

  /** All ranges of lines that are gone, in order. */
  setGone(ranges: readonly IRange[]): void {
    const folds = ranges.map(range => ({ ...range, gone: true }));
    for (const { start, end, gone } of this._folds) {
      if (!gone) {
        for (const left of outside({ start, end }, ranges)) {
          folds.push({ ...left, gone });
        }
      }
    }
    folds.sort((a, b) => a.start - b.start);
    this._folds.length = 0;
    folds.forEach(fold => this._push(fold));
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

  /** Lines before this one that are or were shown: those that are gone count. */
  numberOf(line: number): number {
    const fold = this._last(each => each.start <= line);
    if (!fold) {
      return line;
    }
    const own = fold.gone ? 0 : Math.min(line, fold.end) - fold.start;
    return line - fold.redrawn - own;
  }

  /** Unfolds all lines before `line`, except those that are gone. */
  forget(line: number): void {
    const kept = this._folds.filter(fold => fold.gone || fold.start >= line);
    this._folds.length = 0;
    kept.forEach(fold => this._push(fold));
  }

  private _push({ start, end, gone }: IRange & { gone: boolean }): void {
    const last = this._folds[this._folds.length - 1];
    const own = last && !last.gone ? last.end - last.start : 0;
    const redrawn = (last?.redrawn ?? 0) + own;
    this._folds.push({ start, end, gone, redrawn, before: this.folded });
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

/** What is left of a range without others. */
function outside(range: IRange, others: readonly IRange[]): IRange[] {
  let left = [range];
  for (const { start, end } of others) {
    left = left
      .flatMap(each => [
        { start: each.start, end: Math.min(each.end, start) },
        { start: Math.max(each.start, end), end: each.end }
      ])
      .filter(each => each.start < each.end);
  }
  return left;
}
