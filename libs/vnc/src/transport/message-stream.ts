import { inSharedTurn, type SharedTurn } from '@remote-access/streams';
import type { Duplex } from 'node:stream';
import { TAG_BYTES } from '../crypto/aes-eax';
import { BIG_ENDIAN } from '../handshake/big-endian';
import type { SealedMessages } from '../handshake/handshake';
import { LayeredStream } from './layered-stream';

/** TigerVNC sends no longer messages, so every server must accept messages of this size. */
const MAX_MESSAGE_BYTES = 8192;

const LENGTH_BYTES = 2;

/**
 * Messages encrypted or decrypted in one turn of the event loop. An empty message costs 50 µs, so a
 * server that sends nothing else would delay all other sessions by 180 ms for each 64 KiB.
 */
const MAX_MESSAGES_PER_TURN = 32;
const MAX_BYTES_PER_TURN = 64 * 1024;

/** A byte stream over RSA-AES messages. */
export class MessageStream extends LayeredStream {
  /** Length of the message that is being received, once it is known. */
  private length: number | undefined;
  private messagesThisTurn = 0;
  private bytesThisTurn = 0;
  private nextTurn: SharedTurn | undefined;

  constructor(
    inner: Duplex,
    private readonly outgoing: SealedMessages,
    private readonly incoming: SealedMessages,
  ) {
    super(inner);
  }

  override _write(chunk: Buffer, encoding: string, done: (error?: Error | null) => void): void {
    const part = chunk.subarray(0, MAX_BYTES_PER_TURN);
    const rest = chunk.subarray(MAX_BYTES_PER_TURN);
    const sealed: Uint8Array[] = [];
    for (let at = 0; at < part.length; at += MAX_MESSAGE_BYTES) {
      sealed.push(this.outgoing.seal(part.subarray(at, at + MAX_MESSAGE_BYTES)));
    }
    this.inner.write(Buffer.concat(sealed), error => {
      if (error || rest.length === 0) done(error);
      else inSharedTurn(() => this._write(rest, encoding, done));
    });
  }

  /** Combines many short writes into one message, which is cheaper to encrypt. */
  override _writev(
    chunks: { chunk: Buffer; encoding: string }[],
    done: (error?: Error | null) => void,
  ): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'buffer', done);
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    this.nextTurn?.cancel();
    super._destroy(cause, done);
  }

  private get hasTime(): boolean {
    return this.messagesThisTurn < MAX_MESSAGES_PER_TURN && this.bytesThisTurn < MAX_BYTES_PER_TURN;
  }

  private count(bytes: number): void {
    this.messagesThisTurn += 1;
    this.bytesThisTurn += bytes;
    this.nextTurn ??= inSharedTurn(() => {
      this.nextTurn = undefined;
      this.messagesThisTurn = this.bytesThisTurn = 0;
      this.onReadable();
    });
  }

  /** @returns `undefined` until a whole message has arrived and may be processed in this turn */
  protected override next(): Uint8Array | undefined {
    if (!this.hasTime) return undefined;
    if (this.length === undefined) {
      const head = this.inner.read(LENGTH_BYTES) as Buffer | null;
      if (head?.length !== LENGTH_BYTES) return undefined;
      this.length = BIG_ENDIAN.readUint16(head);
    }
    const { length } = this;
    const sealed = this.inner.read(length + TAG_BYTES) as Buffer | null;
    if (sealed?.length !== length + TAG_BYTES) return undefined;
    this.length = undefined;
    this.count(length);
    const message = this.incoming.open(length, sealed);
    if (!message) this.destroy(new Error('A message failed authentication'));
    return message;
  }
}
