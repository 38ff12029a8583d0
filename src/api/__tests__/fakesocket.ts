import { ServerConnection } from '@jupyterlab/services';

/** The server's end of one websocket. */
export class FakeSocket {
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    return FakeSocket.all[FakeSocket.all.length - 1];
  }

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  binaryType = 'blob';
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly heard: Record<string, unknown>[] = [];

  send(text: string): void {
    this.heard.push(JSON.parse(text));
  }

  close(): void {
    this.onclose?.();
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  hello(protocol = 1): void {
    this.say({ type: 'hello', protocol, version: '1', server_id: 's' });
  }

  bytes(job: string, attempt: number, offset: number, text: string): void {
    this.onmessage?.({ data: logFrame(job, attempt, offset, text) });
  }

  /** What was heard since the last call. */
  take(): Record<string, unknown>[] {
    return this.heard.splice(0);
  }
}

export function logFrame(
  job: string,
  attempt: number,
  offset: number,
  text: string
): ArrayBuffer {
  const content = new TextEncoder().encode(text);
  const buffer = new ArrayBuffer(32 + content.length);
  const view = new DataView(buffer);
  view.setUint8(0, 1);
  view.setUint32(4, attempt);
  view.setUint32(8, Math.floor(offset / 2 ** 32));
  view.setUint32(12, offset % 2 ** 32);
  const hex = job.replace(/-/g, '');
  for (let i = 0; i < 16; i++) {
    view.setUint8(16 + i, parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  }
  new Uint8Array(buffer, 32).set(content);
  return buffer;
}

export function settings(): ServerConnection.ISettings {
  return ServerConnection.makeSettings({
    baseUrl: 'http://host/user/ann/',
    wsUrl: 'ws://host/user/ann/',
    token: '',
    appendToken: false,
    WebSocket: FakeSocket as unknown as typeof WebSocket
  });
}
