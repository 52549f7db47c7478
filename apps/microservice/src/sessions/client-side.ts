import {
  parseClientMessage,
  SUBPROTOCOLS,
  type AckMessage,
  type ClientMessage,
  type FlowMessage,
  type PongMessage,
  type ServerMessage,
} from '@remote-access/contracts';
import { WebSocketDuplex, type WebSocketDuplexOptions } from '@remote-access/streams';
import type { FramedConnection } from '@remote-access/relay';
import { OUTPUT_WINDOW_BYTES, OutputWindow, type OutputWindowOwner } from './output-window';
import type { Farewell } from './session-end';

/** Bytes that a client may send before its gateway connects; then the socket is paused. */
const READ_AHEAD_BYTES = 1024 * 1024;

/** Beyond this, a client that pings faster than it reads gets no pongs. */
const MAX_UNSENT_FOR_PONG_BYTES = 1024 * 1024;

/** Control messages that this class does not answer itself. */
export type ControlMessage = Exclude<ClientMessage, { type: 'ping' }>;

/** The part of a pong about the network hops behind the service. */
export type HopReport = Omit<PongMessage, 'type' | 'id'>;

export interface ClientSideOwner extends OutputWindowOwner {
  /** Starts a new measurement of the hops and returns what is known about them. */
  measureHops(): HopReport;
  onMessage(message: ControlMessage, side: ClientSide): void;
  /** A text frame arrived in a raw session. */
  onStrayText(): void;
  /** Called once everything has been delivered; returns why the session ended. */
  farewell(): Promise<Farewell>;
  /** The same for a stream that was destroyed and cannot wait. */
  farewellNow(): Farewell;
  /** What the client sent cannot be read any further; the connection closes. */
  onBroken(cause: Error, side: ClientSide): void;
  /** The connection has closed. The stream may still hold bytes that have not been read. */
  onClosed(code: number, side: ClientSide): void;
}

/** Shared by all clients. */
const OPTIONS: WebSocketDuplexOptions = {
  readAheadBytes: READ_AHEAD_BYTES,
  onText: (text, side) => (side as ClientSide).controlReceived(text),
  closeCode: side => (side as ClientSide).sayFarewell(),
};

/** The client's WebSocket as a byte stream, with the control messages of `remoteaccess.v1`. */
export class ClientSide extends WebSocketDuplex {
  declare readonly socket: FramedConnection;

  /** Whether the client understands control messages. */
  readonly speaksV1: boolean;
  private farewell: Farewell | undefined;
  private readonly window: OutputWindow;
  private onDrawn: ((bytes: number) => void) | undefined;

  constructor(
    socket: FramedConnection,
    private readonly owner: ClientSideOwner,
  ) {
    super(socket, OPTIONS);
    this.on('error', onError);
    this.speaksV1 = socket.protocol === SUBPROTOCOLS.v1;
    this.window = new OutputWindow(OUTPUT_WINDOW_BYTES, owner);
  }

  tell(message: ServerMessage): void {
    if (!this.speaksV1 || this.socket.readyState !== this.socket.OPEN) return;
    this.socket.send(JSON.stringify(message));
  }

  get bytesOut(): number {
    return this.window.sent;
  }

  /**
   * The client continues a session, or will be able to resume this one: output is counted from this
   * position.
   * @param onDrawn receives each count that the client acknowledges
   */
  countFrom(bytes: number, onDrawn: (bytes: number) => void): void {
    this.window.startAt(bytes);
    this.onDrawn = onDrawn;
  }

  /** Another connection has replaced this one: tells the client so, and closes. */
  replace(farewell: Farewell): void {
    this.farewell = farewell;
    this.destroy();
  }

  /** Output that is held back applies backpressure to the endpoint. */
  flow(message: FlowMessage | AckMessage): void {
    if (message.type === 'ack') {
      if (this.window.drawn(message.bytes)) this.onDrawn?.(message.bytes);
    } else if (message.state === 'hold') this.window.hold();
    else this.window.go();
  }

  /** The session ends: output is no longer held back. */
  stopHolding(): void {
    this.window.open();
  }

  protected override takeRoom(bytes: number): boolean {
    return this.window.take(bytes);
  }

  override _write(chunk: Buffer, encoding: string, done: (error?: Error | null) => void): void {
    this.window.whenOpen(chunk.length, () => super._write(chunk, encoding, done));
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: string }[],
    done: (error?: Error | null) => void,
  ): void {
    const bytes = chunks.reduce((sum, { chunk }) => sum + chunk.length, 0);
    this.window.whenOpen(bytes, () => super._writev(chunks, done));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.owner.farewell().then(
      farewell => {
        this.farewell = farewell;
        super._final(done);
      },
      (cause: unknown) => done(cause as Error),
    );
  }

  override socketClosed(code: number): void {
    super.socketClosed(code);
    this.owner.onClosed(code, this);
  }

  /** Called by the stream's listener. */
  failed(cause: Error): void {
    this.owner.onBroken(cause, this);
  }

  /** Called by the stream, like the method that follows. */
  controlReceived(text: string): void {
    if (!this.speaksV1) return this.owner.onStrayText();
    const message = parseClientMessage(text);
    if (message?.type === 'ping') this.answerPing(message.id);
    else if (message) this.owner.onMessage(message, this);
  }

  sayFarewell(): { code: number; reason: string } {
    const { messages, closeCode, closeReason } = this.farewell ?? this.owner.farewellNow();
    for (const message of messages) this.tell(message);
    return { code: closeCode, reason: closeReason };
  }

  /** Bypasses queued output, so that a flood of output does not look like a slow network. */
  private answerPing(id: number): void {
    if (this.socket.bufferedAmount > MAX_UNSENT_FOR_PONG_BYTES) return;
    this.tell({ type: 'pong', id, ...this.owner.measureHops() });
  }
}

function onError(this: ClientSide, cause: Error): void {
  this.failed(cause);
}
