import {
  lastState,
  parseAnsi,
  PLAIN,
  type ILogSpan,
  type ILogStyle
} from './logansi';
import type { LogBuffer } from './logbuffer';
import type { ILineBytes } from './logsegment';

/** Longer lines are cut on the screen: no one reads 5 MB in one line. */
export const MOST_CHARACTERS = 10_000;

/** Parsed lines that are kept: some screens full. */
const MOST_PARSED = 2000;

/** A colour that was left on reaches this many lines further. */
const REACH = 100;

/** One line, ready to be drawn. */
export interface ILogLine {
  /** 0-based. */
  readonly number: number;
  readonly spans: readonly ILogSpan[];
  /** All the text of the spans. */
  readonly text: string;
  /** About how many more characters the line has that are not shown. */
  readonly hidden: number;
  /** Another number means that the line looks different. */
  readonly version: number;
  /** The look that the next line goes on with. */
  readonly style: ILogStyle;
}

/** Makes lines of a buffer's bytes, only those that are asked for. */
export class LogLines {
  constructor(private readonly _buffer: LogBuffer) {}

  /** The line with this number, or null when it is not loaded. */
  get(number: number): ILogLine | null {
    const known = this._known(number);
    if (known) {
      return known;
    }
    // Colours run on over lines: begin where the look is known, or far enough above.
    let first = number;
    let style = PLAIN;
    while (first > 0 && number - first < REACH) {
      const above = this._known(first - 1);
      if (above) {
        style = above.style;
        break;
      }
      if (!this._buffer.bytes(first - 1)) {
        break;
      }
      first--;
    }
    let line: ILogLine | null = null;
    for (let at = first; at <= number; at++) {
      line = this._parse(at, style);
      style = line?.style ?? PLAIN;
    }
    return line;
  }

  clear(): void {
    this._parsed.clear();
  }

  private _known(number: number): ILogLine | undefined {
    const line = this._parsed.get(number);
    return line && line.version === this._buffer.version(number)
      ? line
      : undefined;
  }

  private _parse(number: number, before: ILogStyle): ILogLine | null {
    const bytes = this._buffer.bytes(number);
    if (!bytes) {
      return null;
    }
    const { text, hidden } = decode(bytes);
    const { spans, style } = parseAnsi(text, before);
    const cut = shorten(spans, MOST_CHARACTERS);
    const line = {
      number,
      spans: cut.spans,
      text: cut.spans.map(span => span.text).join(''),
      hidden: hidden + cut.hidden,
      version: this._buffer.version(number),
      style
    };
    this._parsed.delete(number);
    this._parsed.set(number, line);
    if (this._parsed.size > MOST_PARSED) {
      const [oldest] = this._parsed.keys();
      this._parsed.delete(oldest);
    }
    return line;
  }

  private readonly _parsed = new Map<number, ILogLine>();
}

const utf8 = new TextDecoder();

/** The last state of a line's text, and how much of it is not there. */
function decode(bytes: ILineBytes): { text: string; hidden: number } {
  const head = utf8.decode(bytes.head);
  const tail = bytes.tail ? utf8.decode(bytes.tail) : '';
  const tailState = lastState(tail);
  if (tailState > 0 || tail.startsWith('\r')) {
    return { text: tail.slice(tailState), hidden: 0 };
  }
  return {
    text: head.slice(lastState(head)),
    hidden: bytes.dropped + tail.length
  };
}

function shorten(
  spans: readonly ILogSpan[],
  most: number
): { spans: readonly ILogSpan[]; hidden: number } {
  let length = 0;
  const kept: ILogSpan[] = [];
  for (const span of spans) {
    const room = Math.max(0, most - length);
    length += span.text.length;
    if (span.text.length <= room) {
      kept.push(span);
    } else if (room > 0) {
      kept.push({ ...span, text: span.text.slice(0, room) });
    }
  }
  return length > most
    ? { spans: kept, hidden: length - most }
    : { spans, hidden: 0 };
}
