import type { IJobsClient } from '../tokens';
import { lastState, parseAnsi } from './logansi';
import type { LogModel } from './log';
import { gapText } from './loggaps';

/** More than this belongs into a download, not into a clipboard. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_LINES = 20_000;

/** What one answer of the server may hold. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** Part of a log: both lines are included, from and to these characters. */
export interface ITextRange {
  readonly from: { readonly line: number; readonly column: number };
  readonly to: { readonly line: number; readonly column: number };
}

/** The text of a range that is loaded; null when some of it is not. */
export function loadedText(model: LogModel, range: ITextRange): string | null {
  const { buffer, lines } = model;
  const last = Math.min(buffer.rowOf(range.to.line), buffer.rowCount - 1);
  const first = buffer.rowOf(range.from.line);
  if (last - first > MOST_LINES) {
    return null;
  }
  const texts: string[] = [];
  for (let row = first; row <= last; row++) {
    const line = lines.get(buffer.lineOf(row));
    if (!line || line.hidden > 0) {
      return null;
    }
    texts.push(line.text);
  }
  return trim(texts, range).join('\n');
}

/**
 * The text of any range, read from the server; null when it is too long.
 * `gone` is how many bytes of it are known to be gone.
 */
export async function storedText(
  client: IJobsClient,
  job: string,
  range: ITextRange,
  gone = 0
): Promise<string | null> {
  const [first, last] = await Promise.all(
    [range.from.line, range.to.line].map(line =>
      client.locateLines(job, { line, count: 1 })
    )
  );
  // A line that is gone is answered with what comes after the gap.
  const from =
    first.gap && first.line > range.from.line ? first.gap.from : first.offset;
  const to =
    last.gap && last.line > range.to.line ? last.gap.to : last.next_offset;
  if (to - from - gone > MOST_BYTES) {
    return null;
  }
  let utf8 = new TextDecoder();
  let text = '';
  for (let offset = from; offset < to;) {
    const limit = Math.min(to - offset, PIECE_BYTES);
    const chunk = await client.readLog(job, { offset, limit });
    if (chunk.bytes.length === 0) {
      break;
    }
    if (chunk.offset > offset) {
      text += utf8.decode();
      utf8 = new TextDecoder();
      text += `${/[^\n]$/.test(text) ? '\n' : ''}${gapText(chunk.offset - offset)}\n`;
      offset = chunk.offset;
    }
    // What was read behind a gap may be more than was wanted.
    const wanted = chunk.bytes.subarray(0, Math.max(0, to - offset));
    text += utf8.decode(wanted, { stream: true });
    offset += chunk.bytes.length;
  }
  const texts = text
    .replace(/\n$/, '')
    .split('\n')
    .map(line =>
      parseAnsi(line.slice(lastState(line)))
        .spans.map(span => span.text)
        .join('')
    );
  return trim(texts, range).join('\n');
}

function trim(texts: string[], { from, to }: ITextRange): string[] {
  const last = texts.length - 1;
  if (last >= 0) {
    texts[last] = texts[last].slice(0, to.column);
    texts[0] = texts[0].slice(from.column);
  }
  return texts;
}
