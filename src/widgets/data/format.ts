/** How a cell reads. `muted` is for what is not a value. */
export interface ICellText {
  readonly text: string;
  readonly muted: boolean;
}

/** A cell shows one line of so many characters at most. */
const MOST = 300;

/** Lists of numbers longer than this are told by their length. */
const LONG_LIST = 8;

const integers = new Intl.NumberFormat();
const numbers = new Intl.NumberFormat(undefined, {
  maximumSignificantDigits: 7
});
const wholes = new Intl.NumberFormat(undefined, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1
});
const moments = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: 'UTC'
});

const muted = (text: string): ICellText => ({ text, muted: true });
const plain = (text: string): ICellText => ({ text, muted: false });

/** A cell as people read it: numbers and times in the user's locale. */
export function formatCell(value: unknown, type: string): ICellText {
  if (value === null || value === undefined) {
    return muted('None');
  }
  switch (type) {
    case 'int':
      return plain(
        typeof value === 'number' ? integers.format(value) : bigInteger(value)
      );
    case 'float':
      return typeof value === 'number'
        ? plain(float(value))
        : muted(value === 'NaN' ? 'NaN' : String(value));
    case 'bool':
      return plain(value === true ? 'True' : 'False');
    case 'datetime':
      return plain(moment(String(value)));
    case 'bytes':
      return plain(oneLine(`b64:${String(value)}`));
  }
  if (value === '') {
    return muted('empty');
  }
  return typeof value === 'object'
    ? plain(oneLine(compact(value)))
    : plain(oneLine(String(value)));
}

/** The exact value, for a tooltip or a screen reader. */
export function exactText(value: unknown, fullLength: number | null): string {
  const text =
    value === null || value === undefined
      ? 'None'
      : typeof value === 'object'
        ? JSON.stringify(value, null, 1)
        : String(value);
  return fullLength === null
    ? text
    : `${text}… (${integers.format(fullLength)})`;
}

/** As much of a text as there is room for, and a sign that there is more. */
export function elide(
  text: string,
  room: number,
  measure: (text: string) => number
): string {
  if (measure(text) <= room) {
    return text;
  }
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(`${text.slice(0, middle)}…`) <= room) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  // Never half of a character that takes two units.
  const kept = text.slice(0, low).replace(/[\ud800-\udbff]$/, '');
  return `${kept.trimEnd()}…`;
}

export function isNumeric(type: string): boolean {
  return type === 'int' || type === 'float';
}

/** Integers that a JavaScript number cannot hold come as text. */
function bigInteger(value: unknown): string {
  const text = String(value);
  return /^-?\d+$/.test(text) ? integers.format(BigInt(text)) : text;
}

function float(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) {
    return value.toExponential(4);
  }
  // A float that happens to be whole is still seen to be one.
  return Number.isInteger(value) ? wholes.format(value) : numbers.format(value);
}

/** DataChain keeps UTC; fractions of a second are shown when there are any. */
function moment(text: string): string {
  const date = new Date(text);
  if (isNaN(date.getTime())) {
    return text;
  }
  const fraction = /\.(\d*?)0*Z$/.exec(text)?.[1] ?? '';
  return `${moments.format(date)}${fraction ? `.${fraction}` : ''}`;
}

function compact(value: object): string {
  if (
    Array.isArray(value) &&
    value.length > LONG_LIST &&
    value.every(item => typeof item === 'number')
  ) {
    const first = value
      .slice(0, 4)
      .map(item => float(item))
      .join(', ');
    return `[${first}, … ${integers.format(value.length)}]`;
  }
  return JSON.stringify(value);
}

function oneLine(text: string): string {
  const cut = text.length > MOST ? `${text.slice(0, MOST)}…` : text;
  return cut.replace(/\r\n|[\n\r]/g, '⏎').replace(/\t/g, ' ');
}
