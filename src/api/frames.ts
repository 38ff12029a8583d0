/** One binary message of the websocket: a piece of a job's log. */
export interface ILogFrame {
  readonly attempt: number;
  readonly offset: number;
  readonly job: string;
  readonly bytes: Uint8Array;
}

const HEADER = 32;
const KIND_LOG = 1;

/**
 * Reads u8 kind, 3 zero bytes, u32 attempt, u64 offset, 16 bytes of job id
 * (big-endian), then the log's bytes. Null for a kind that is not known here:
 * a newer server may send more.
 */
export function parseFrame(buffer: ArrayBuffer): ILogFrame | null {
  if (buffer.byteLength < HEADER) {
    return null;
  }
  const view = new DataView(buffer);
  if (view.getUint8(0) !== KIND_LOG) {
    return null;
  }
  return {
    attempt: view.getUint32(4),
    // Two halves: exact up to 2^53, which no log reaches.
    offset: view.getUint32(8) * 2 ** 32 + view.getUint32(12),
    job: uuidText(new Uint8Array(buffer, 16, 16)),
    bytes: new Uint8Array(buffer, HEADER)
  };
}

function uuidText(bytes: Uint8Array): string {
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0'));
  return [
    hex.slice(0, 4),
    hex.slice(4, 6),
    hex.slice(6, 8),
    hex.slice(8, 10),
    hex.slice(10)
  ]
    .map(part => part.join(''))
    .join('-');
}
