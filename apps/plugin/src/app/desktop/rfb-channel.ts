/**
 * The session as noVNC wants a connection: an object with the members of a WebSocket. noVNC neither
 * opens nor closes the session through it; the page does.
 */
export class RfbChannel {
  binaryType = 'arraybuffer';
  readonly protocol = '';
  readyState: 'open' | 'closed' = 'open';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: object) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;

  constructor(private readonly sendBytes: (bytes: Uint8Array<ArrayBuffer>) => void) {}

  receive(bytes: Uint8Array<ArrayBuffer>): void {
    const whole = bytes.byteLength === bytes.buffer.byteLength;
    this.onmessage?.({ data: whole ? bytes.buffer : bytes.slice().buffer });
  }

  /** noVNC hands out a view of its queue, which it fills again at once. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.readyState === 'open') this.sendBytes(bytes.slice());
  }

  close(): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    // As a WebSocket does: noVNC is still about to wait for it.
    queueMicrotask(() => this.onclose?.({}));
  }
}
