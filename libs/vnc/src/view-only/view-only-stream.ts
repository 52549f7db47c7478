import { Duplex } from 'node:stream';
import { ViewOnlyFilter } from './view-only-filter';

/** What is read of the client in one turn of the event loop; short messages take 2 ms. */
const MAX_BYTES_PER_TURN = 16 * 1024;

/**
 * The stream of a server whose screen may be seen, but not controlled. It begins after ClientInit.
 * A message that cannot be filtered destroys it with RemoteAccessError `view-only`.
 */
export class ViewOnlyStream extends Duplex {
  private readonly clientMessages = new ViewOnlyFilter();
  private wantsMore = false;

  constructor(private readonly inner: Duplex) {
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

  override _write(chunk: Buffer, encoding: string, done: (error?: Error | null) => void): void {
    let passed: Buffer;
    try {
      passed = this.clientMessages.take(chunk.subarray(0, MAX_BYTES_PER_TURN));
    } catch (cause) {
      return done(cause as Error);
    }
    const rest = chunk.subarray(MAX_BYTES_PER_TURN);
    const goOn = (error?: Error | null): void => {
      if (error || rest.length === 0) done(error);
      else setImmediate(() => this._write(rest, encoding, done));
    };
    if (passed.length === 0) goOn();
    else this.inner.write(passed, goOn);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.inner.destroyed) done();
    else this.inner.end(done);
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    this.inner.off('readable', this.onReadable).destroy();
    done(cause);
  }

  /** Nothing is read before the handshakes are over and somebody reads here. */
  private readonly onReadable = (): void => {
    while (this.wantsMore) {
      const chunk = this.inner.read() as Buffer | null;
      if (chunk === null) return;
      this.wantsMore = this.push(chunk);
    }
  };
}
