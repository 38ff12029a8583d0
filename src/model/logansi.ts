import { parse } from '@ansi-tools/parser';

/** 0 to 15 is one of the theme's colours, anything else a CSS colour. */
export type LogColour = number | string;

export interface ILogStyle {
  readonly fg?: LogColour;
  readonly bg?: LogColour;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly inverse?: boolean;
  readonly hidden?: boolean;
}

/** A piece of text with one look. The text has no control characters. */
export interface ILogSpan {
  readonly text: string;
  readonly style: ILogStyle;
  /** http or https only: the log is another's content. */
  readonly href?: string;
}

export const PLAIN: ILogStyle = Object.freeze({});

export interface IAnsiText {
  readonly spans: readonly ILogSpan[];
  /** The look that the next line goes on with. */
  readonly style: ILogStyle;
}

/** A line as a terminal would leave it, without what moves, rings or hides. */
export function parseAnsi(text: string, before: ILogStyle = PLAIN): IAnsiText {
  if (!/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(text)) {
    return { spans: text ? [{ text, style: before }] : [], style: before };
  }
  let spans: ILogSpan[] = [];
  let style = before;
  let href: string | undefined;
  let fresh = false;
  for (const code of parse(text)) {
    if (code.type === 'TEXT') {
      for (const piece of code.raw.split(/([\r\b])/)) {
        if (piece === '\r') {
          fresh = true;
        } else if (piece === '\b') {
          erase(spans);
        } else {
          const shown = piece.replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/g, '');
          if (shown) {
            spans = fresh ? [] : spans;
            fresh = false;
            spans.push({ text: shown, style, ...(href ? { href } : {}) });
          }
        }
      }
    } else if (code.type === 'CSI' && code.command === 'm') {
      style = restyle(style, code.params);
    } else if (code.type === 'CSI' && code.command === 'K') {
      spans = fresh || Number(code.params[0]) > 0 ? [] : spans;
    } else if (code.type === 'CSI' && code.command === 'G') {
      fresh ||= (Number(code.params[0]) || 1) === 1;
    } else if (code.type === 'OSC' && code.command === '8') {
      const url = code.params.slice(1).join(';');
      href = /^https?:\/\/[^\s\x00-\x1f]+$/i.test(url) ? url : undefined;
    }
  }
  return { spans, style };
}

/** Where the last state of an overwritten line begins, to parse no more than that. */
export function lastState(text: string): number {
  let end = text.length;
  for (;;) {
    const at = text.lastIndexOf('\r', end - 1);
    if (at < 0 || end === 0) {
      return 0;
    }
    const piece = text.slice(at + 1, end);
    // Whatever prints or erases after the return is the state; a bare colour or return is not.
    if (/\x1b\[[0-2]?K/.test(piece) || /[^\r\n]/.test(withoutColours(piece))) {
      return at;
    }
    end = at;
  }
}

function withoutColours(text: string): string {
  return text.replace(/\x1b\[[0-9;:]*[@-~]/g, '');
}

function erase(spans: ILogSpan[]): void {
  const last = spans.pop();
  if (last && last.text.length > 1) {
    spans.push({ ...last, text: last.text.slice(0, -1) });
  }
}

const SET: Record<number, keyof ILogStyle> = {
  1: 'bold',
  2: 'dim',
  3: 'italic',
  4: 'underline',
  7: 'inverse',
  8: 'hidden',
  9: 'strike'
};

/** Applies the numbers of one `ESC[…m`. */
function restyle(before: ILogStyle, params: readonly string[]): ILogStyle {
  if (params.length === 0) {
    return PLAIN;
  }
  let style: Record<string, LogColour | boolean | undefined> = { ...before };
  const numbers = params.map(param => Number(param) || 0);
  for (let at = 0; at < numbers.length; at++) {
    const code = numbers[at];
    if (code === 0) {
      style = {};
    } else if (code in SET) {
      style[SET[code]] = true;
    } else if (code === 21 || code === 22) {
      style.bold = style.dim = undefined;
    } else if (code - 20 in SET) {
      style[SET[code - 20]] = undefined;
    } else if (code === 38 || code === 48) {
      const colour = extended(numbers, at + 1);
      style[code === 38 ? 'fg' : 'bg'] = colour.value;
      at = colour.last;
    } else if (code === 39 || code === 49) {
      style[code === 39 ? 'fg' : 'bg'] = undefined;
    } else {
      named(style, code);
    }
  }
  return style as ILogStyle;
}

function named(
  style: Record<string, LogColour | boolean | undefined>,
  code: number
): void {
  const tens = Math.floor(code / 10);
  const colour = code % 10;
  if (colour < 8 && (tens === 3 || tens === 9)) {
    style.fg = colour + (tens === 9 ? 8 : 0);
  } else if (colour < 8 && (tens === 4 || tens === 10)) {
    style.bg = colour + (tens === 10 ? 8 : 0);
  }
}

/** `5;N` or `2;[space;]R;G;B` from `at`; the parser adds the colour space. */
function extended(
  numbers: readonly number[],
  at: number
): { value: LogColour | undefined; last: number } {
  if (numbers[at] === 5) {
    return { value: indexed(numbers[at + 1] ?? 0), last: at + 1 };
  }
  if (numbers[at] === 2) {
    const rgb = numbers.slice(at + 2, at + 5).map(byte);
    return {
      value: rgb.length === 3 ? `rgb(${rgb.join(', ')})` : undefined,
      last: at + 4
    };
  }
  return { value: undefined, last: numbers.length };
}

/** The 256 colours of xterm: the theme's 16, a cube of 6³, 24 greys. */
function indexed(index: number): LogColour {
  if (index < 16) {
    return index;
  }
  if (index >= 232) {
    const grey = byte(8 + (index - 232) * 10);
    return `rgb(${grey}, ${grey}, ${grey})`;
  }
  const level = (step: number): number => (step ? 55 + step * 40 : 0);
  const cube = index - 16;
  const [r, g, b] = [cube / 36, (cube / 6) % 6, cube % 6].map(step =>
    level(Math.floor(step))
  );
  return `rgb(${r}, ${g}, ${b})`;
}

function byte(value: number): number {
  return Math.min(255, Math.max(0, value));
}
