import type { ILogSkip } from '../tokens';

/** Lines of a log that neither the server nor this window has any more. */
export interface IGoneLines extends ILogSkip {
  /** The first of them; `line` is the first after them. */
  readonly first: number;
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'];

/** What stands for bytes that a limited log no longer has, as the command line says it. */
export function gapText(bytes: number): string {
  let size = `${bytes} B`;
  for (let at = 0, value = bytes; value >= 1024 && at < UNITS.length; at++) {
    value /= 1024;
    size = `${value.toFixed(1)} ${UNITS[at]}`;
  }
  return (
    `── ${size} of output was dropped here: a long log keeps its ` +
    'beginning and its newest part (JobsApp.max_log_size)'
  );
}

const utf8 = new TextEncoder();

/** The same, dim, as the supervisor writes lines of its own. */
export function gapBytes(bytes: number): Uint8Array {
  return utf8.encode(`\x1b[2m${gapText(bytes)}\x1b[0m`);
}

/** The gaps of one log, each shown as one line in place of all its lines. */
export class LogGaps {
  /** In order; no two of them touch. */
  get all(): readonly IGoneLines[] {
    return this._gaps;
  }

  /** A gap that touches others becomes one with them. */
  add(gap: IGoneLines): void {
    let { first, line, from, to } = gap;
    const apart = this._gaps.filter(each => {
      if (each.line < first || each.first > line) {
        return true;
      }
      first = Math.min(first, each.first);
      line = Math.max(line, each.line);
      from = Math.min(from, each.from);
      to = Math.max(to, each.to);
      return false;
    });
    apart.push({ first, line, from, to });
    this._gaps = apart.sort((a, b) => a.first - b.first);
  }

  /** The gap that a line is in. */
  at(line: number): IGoneLines | undefined {
    return this._gaps.find(gap => gap.first <= line && line < gap.line);
  }

  private _gaps: IGoneLines[] = [];
}
