const ESCAPE = 27;

/** An escape sequence cut by the end of a chunk waits for its rest, if short. */
const LONGEST_SEQUENCE = 64;

/** Where a sequence that moves the cursor up begins, or `to`. */
export function cursorUp(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to;) {
    const escape = bytes.indexOf(ESCAPE, at);
    if (escape < 0 || escape >= to) {
      return to;
    }
    const end = sequenceEnd(bytes, escape, to);
    const final = bytes[end - 1];
    if (bytes[escape + 1] === 0x5b && (final === 0x41 || final === 0x46)) {
      return escape;
    }
    at = end;
  }
  return to;
}

/** Where a sequence that the end of the chunk cuts begins, or the length. */
export function unfinishedSequence(bytes: Uint8Array): number {
  const escape = bytes.lastIndexOf(ESCAPE);
  if (escape < 0 || bytes.length - escape > LONGEST_SEQUENCE) {
    return bytes.length;
  }
  const end = sequenceEnd(bytes, escape, bytes.length);
  const last = bytes[end - 1];
  const csi = bytes[escape + 1] === 0x5b;
  const begun = bytes.length - escape <= (csi ? 2 : 1);
  const ended = end < bytes.length || !csi || last >= 0x40;
  return begun || !ended ? escape : bytes.length;
}

/** Where an escape sequence that begins at `from` ends. */
export function sequenceEnd(
  bytes: Uint8Array,
  from: number,
  to: number
): number {
  if (bytes[from + 1] !== 0x5b) {
    return Math.min(from + 2, to);
  }
  let at = from + 2;
  while (at < to && bytes[at] >= 0x20 && bytes[at] < 0x40) {
    at++;
  }
  // A sequence that a control character breaks ends before it.
  return at < to && bytes[at] >= 0x40 ? at + 1 : at;
}
