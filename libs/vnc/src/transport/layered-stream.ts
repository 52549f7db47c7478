import { Duplex } from 'node:stream';

/**
 * A stream whose bytes travel in messages of another one: the base of layers that encrypt or
 * filter. It ends, fails and closes with the inner stream, and reads only while somebody reads from
 * it.
 */
export abstract class LayeredStream extends Duplex {
  private wantsMore = false;

  constructor(protected readonly inner: Duplex) {
    super({ allowHalfOpen: true });
    inner.on('readable', this.onReadable);
    inner.on('error', cause => this.destroy(cause));
    inner.once('end', () => this.push(null));
    inner.once('close', () => {
      // After a proper end the reader still gets what was buffered.
      if (!inner.readableEnded) this.destroy();
    });
  }

  /** Bytes readable from the inner stream now; `undefined` if there are none. */
  protected abstract next(): Uint8Array | undefined;

  override _read(): void {
    this.wantsMore = true;
    this.onReadable();
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.inner.destroyed) done();
    else this.inner.end(done);
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    this.inner.off('readable', this.onReadable).destroy();
    done(cause);
  }

  protected readonly onReadable = (): void => {
    while (this.wantsMore) {
      const chunk = this.next();
      if (!chunk) return;
      this.wantsMore = this.push(chunk);
    }
  };
}
