import {
  parseClientMessage,
  SUBPROTOCOLS,
  type ClientMessage,
  type ServerMessage,
} from '@remote-access/contracts';
import { WebSocketDuplex } from '@remote-access/streams';
import type { WebSocket } from 'ws';
import type { Farewell } from './session-end';

/** What a client may send before its gateway has connected; then it is slowed down. */
const READ_AHEAD_BYTES = 1024 * 1024;

export interface ClientSideOptions {
  readonly onMessage: (message: ClientMessage) => void;
  /** A text frame where only bytes belong. */
  readonly onStrayText: () => void;
  /** Asked once, when the stream has delivered all: why the session ended. */
  readonly farewell: () => Promise<Farewell>;
  /** The same for a stream that is destroyed and cannot wait. */
  readonly farewellNow: () => Farewell;
}

/** The client's WebSocket as a byte stream, with the control messages of `remoteaccess.v1`. */
export class ClientSide extends WebSocketDuplex {
  /** Whether the client understands control messages. */
  readonly speaksV1: boolean;
  bytesIn = 0;
  bytesOut = 0;
  private decided: Farewell | undefined;
  private holds = false;
  private heldWrite: (() => void) | undefined;

  constructor(
    socket: WebSocket,
    private readonly told: ClientSideOptions,
  ) {
    super(socket, {
      readAheadBytes: READ_AHEAD_BYTES,
      onText: text => this.onControl(text),
      closeCode: () => this.sayFarewell(),
    });
    this.speaksV1 = socket.protocol === SUBPROTOCOLS.v1;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.bytesIn += data.length;
    });
  }

  tell(message: ServerMessage): void {
    if (!this.speaksV1 || this.socket.readyState !== this.socket.OPEN) return;
    this.socket.send(JSON.stringify(message));
  }

  /** Keeps output back until {@link go}; what is kept back slows the endpoint down. */
  hold(): void {
    this.holds = true;
  }

  go(): void {
    this.holds = false;
    const write = this.heldWrite;
    this.heldWrite = undefined;
    write?.();
  }

  override _write(chunk: Buffer, encoding: string, done: (error?: Error | null) => void): void {
    this.whenFree(() => {
      this.bytesOut += chunk.length;
      super._write(chunk, encoding, done);
    });
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: string }[],
    done: (error?: Error | null) => void,
  ): void {
    this.whenFree(() => {
      for (const { chunk } of chunks) this.bytesOut += chunk.length;
      super._writev(chunks, done);
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.told.farewell().then(
      farewell => {
        this.decided = farewell;
        super._final(done);
      },
      (cause: unknown) => done(cause as Error),
    );
  }

  private whenFree(write: () => void): void {
    if (this.holds) this.heldWrite = write;
    else write();
  }

  private onControl(text: string): void {
    if (!this.speaksV1) return this.told.onStrayText();
    const message = parseClientMessage(text);
    if (message) this.told.onMessage(message);
  }

  private sayFarewell(): { code: number; reason: string } {
    const { messages, closeCode, closeReason } = this.decided ?? this.told.farewellNow();
    for (const message of messages) this.tell(message);
    return { code: closeCode, reason: closeReason };
  }
}
