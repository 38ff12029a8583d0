import type { ISourcePosition } from '../../tokens';

/** A part of a line's text that leads somewhere. */
export interface ILogLink {
  readonly from: number;
  readonly to: number;
  readonly url?: string;
  readonly at?: ISourcePosition;
}

/** Python's own words in a traceback. */
const FRAME = /File "([^"]+)", line (\d+)/g;
const URL_TEXT = /\bhttps?:\/\/[^\s<>"'`\x00-\x1f]+/g;

/** Marks at the end of a sentence are not part of an address. */
const AFTER_URL = /[.,;:!?)\]}]+$/;

/** Turns the path in a traceback into one that the server knows; null if it has none. */
export type ResolvePath = (path: string) => string | null;

export function findLinks(text: string, resolve: ResolvePath): ILogLink[] {
  const links: ILogLink[] = [];
  for (const match of text.matchAll(FRAME)) {
    const path = resolve(match[1]);
    if (path !== null) {
      const from = match.index ?? 0;
      links.push({
        from,
        to: from + match[0].length,
        at: { path, line: Number(match[2]) }
      });
    }
  }
  for (const match of text.matchAll(URL_TEXT)) {
    const url = match[0].replace(AFTER_URL, '');
    const from = match.index ?? 0;
    const to = from + url.length;
    if (!links.some(link => from < link.to && link.from < to)) {
      links.push({ from, to, url });
    }
  }
  return links.sort((a, b) => a.from - b.from);
}

/**
 * Paths under the server's root, and those of the script itself, are the
 * user's own. `root` may be unknown: a server need not say where it is.
 */
export function pathResolver(root: string, script: string): ResolvePath {
  const base = root.replace(/\/+$/, '');
  const own = script.replace(/^\/+/, '');
  return path => {
    if (base && path.startsWith(`${base}/`)) {
      const inside = path.slice(base.length + 1);
      // Files of installed packages are not what a user wants to edit.
      return /(^|\/)(site-packages|dist-packages)\//.test(inside)
        ? null
        : inside;
    }
    return own && (path === own || path.endsWith(`/${own}`)) ? own : null;
  };
}
