import type { TranslationBundle } from '@jupyterlab/translation';

import type { ILogSpan, ILogStyle, LogColour } from '../../model/logansi';
import type { ILogLine } from '../../model/logline';
import type { ILogLink } from './links';

const NAMES = [
  'black',
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
  'white'
];

export const ROW = 'jp-DataChainLog-row';
const TEXT = 'jp-DataChainLog-text';

/** An empty row for a line; `fillRow` draws it. */
export function makeRow(line: number): HTMLElement {
  const row = document.createElement('div');
  row.className = ROW;
  row.dataset.line = String(line);
  const text = document.createElement('span');
  text.className = TEXT;
  row.append(text);
  return row;
}

/**
 * Counts what is seen: a line that later text was drawn into has no number of
 * its own in the file.
 */
export function numberRow(row: HTMLElement, index: number): void {
  const number = String(index + 1);
  if (row.dataset.number !== number) {
    // Shown by the style sheet, and so never a part of copied text.
    row.dataset.number = number;
  }
}

export function textOf(row: Element): HTMLElement {
  return row.querySelector<HTMLElement>(`.${TEXT}`)!;
}

/** Draws a line, or the place of one that is still loading. */
export function fillRow(
  row: HTMLElement,
  line: ILogLine | null,
  links: readonly ILogLink[],
  trans: TranslationBundle
): void {
  const text = textOf(row);
  row.classList.toggle('jp-mod-loading', !line);
  text.replaceChildren();
  if (!line) {
    return;
  }
  let at = 0;
  for (const span of line.spans) {
    for (const { part, link } of cut(span, at, links)) {
      text.append(element(part, span, link));
    }
    at += span.text.length;
  }
  if (line.hidden > 0) {
    const note = document.createElement('span');
    note.className = 'jp-DataChainLog-note';
    note.dataset.note = trans.__(
      '… %1 more characters, in the download',
      line.hidden.toLocaleString()
    );
    text.append(note);
  }
}

interface IPart {
  readonly part: string;
  readonly link: ILogLink | null;
}

/** A span, cut where links begin and end. */
function cut(
  span: ILogSpan,
  offset: number,
  links: readonly ILogLink[]
): IPart[] {
  const parts: IPart[] = [];
  const end = offset + span.text.length;
  let at = offset;
  const take = (to: number, link: ILogLink | null): void => {
    if (to > at) {
      parts.push({ part: span.text.slice(at - offset, to - offset), link });
      at = to;
    }
  };
  for (const link of links) {
    if (link.from < end && link.to > at) {
      take(link.from, null);
      take(Math.min(link.to, end), link);
    }
  }
  take(end, null);
  return parts;
}

function element(text: string, span: ILogSpan, link: ILogLink | null): Node {
  const url = link?.url ?? span.href;
  let node: HTMLElement;
  if (link?.at || url) {
    const anchor = document.createElement('a');
    if (link?.at) {
      anchor.href = '#';
      anchor.dataset.path = link.at.path;
      anchor.dataset.at = String(link.at.line);
    } else if (url) {
      anchor.href = url;
      anchor.target = '_blank';
      anchor.rel = 'noopener noreferrer';
      anchor.title = url;
    }
    node = anchor;
  } else if (Object.keys(span.style).length === 0) {
    return document.createTextNode(text);
  } else {
    node = document.createElement('span');
  }
  node.textContent = text;
  paint(node, span.style);
  return node;
}

/** JupyterLab's own classes for the 16 colours, the asked colour for others. */
function paint(node: HTMLElement, style: ILogStyle): void {
  let { fg, bg } = style;
  if (style.inverse) {
    [fg, bg] = [bg, fg];
    node.classList.toggle('ansi-default-inverse-fg', fg === undefined);
    node.classList.toggle('ansi-default-inverse-bg', bg === undefined);
  }
  colour(node, 'fg', fg);
  colour(node, 'bg', bg);
  node.classList.toggle('ansi-bold', Boolean(style.bold));
  node.classList.toggle('ansi-underline', Boolean(style.underline));
  for (const look of ['dim', 'italic', 'strike', 'hidden'] as const) {
    node.classList.toggle(`jp-mod-${look}`, Boolean(style[look]));
  }
}

function colour(
  node: HTMLElement,
  side: 'fg' | 'bg',
  value: LogColour | undefined
): void {
  if (typeof value === 'number') {
    const intense = value > 7 ? '-intense' : '';
    node.classList.add(`ansi-${NAMES[value % 8]}${intense}-${side}`);
  } else if (value !== undefined) {
    node.style[side === 'fg' ? 'color' : 'backgroundColor'] = value;
  }
}
