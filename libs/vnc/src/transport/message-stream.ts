import { Duplex } from 'node:stream';
import { TAG_BYTES } from '../crypto/aes-eax';
import { BIG_ENDIAN } from '../handshake/big-endian';
import type { SealedMessages } from '../handshake/handshake';

/** TigerVNC sends no longer messages, so every server must accept these. */
const MAX_MESSAGE_BYTES = 8192;

const LENGTH_BYTES = 2;

/** A byte stream over RSA-AES messages. */
export class MessageStream extends Duplex {
  private wantsMore = false;
  /** Length of the message that is being received, once it is known. */
  private length: number | undefined;

  constructor(
    private readonly inner: Duplex,
    private readonly outgoing: SealedMessages,
    private readonly incoming: SealedMessages,
  ) {
    super({ allowHalfOpen: true });
    inner.on('readable', this.onReadable);
    inner.once('error', cause => this.destroy(cause));
    inner.once('end', () => this.push(null));
    inner.once('close', () => {
      // After a proper end the reader still gets what was buffered.
      if (!inner.readableEnded) this.destroy();
    });
  }

  override _read(): void {
    this.wantsMore = true;
    this.onReadable();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const sealed: Uint8Array[] = [];
    for (let at = 0; at < chunk.length; at += MAX_MESSAGE_BYTES) {
      sealed.push(this.outgoing.seal(chunk.subarray(at, at + MAX_MESSAGE_BYTES)));
    }
    this.inner.write(Buffer.concat(sealed), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.inner.destroyed) done();
    else this.inner.end(done);
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    this.inner.off('readable', this.onReadable).destroy();
    done(cause);
  }

  private readonly onReadable = (): void => {
    while (this.wantsMore) {
      const message = this.next();
      if (!message) return;
      this.wantsMore = this.push(message);
    }
  };

  /** @returns `undefined` until a whole message has arrived */
  private next(): Uint8Array | undefined {
    if (this.length === undefined) {
      const head = this.inner.read(LENGTH_BYTES) as Buffer | null;
      if (head?.length !== LENGTH_BYTES) return undefined;
      this.length = BIG_ENDIAN.readUint16(head);
    }
    const { length } = this;
    const sealed = this.inner.read(length + TAG_BYTES) as Buffer | null;
    if (sealed?.length !== length + TAG_BYTES) return undefined;
    this.length = undefined;
    const message = this.incoming.open(length, sealed);
    if (!message) this.destroy(new Error('A message failed authentication'));
    return message;
  }
}
