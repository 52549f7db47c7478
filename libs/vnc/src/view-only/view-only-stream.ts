import { LayeredStream } from '../transport/layered-stream';
import { ViewOnlyFilter } from './view-only-filter';

/** Bytes read from the client in one turn of the event loop; with short messages, 2 ms of work. */
const MAX_BYTES_PER_TURN = 16 * 1024;

/**
 * The stream of a server whose screen may be viewed but not controlled. It begins after ClientInit.
 * A message that cannot be filtered destroys it with RemoteAccessError `view-only`.
 */
export class ViewOnlyStream extends LayeredStream {
  private readonly clientMessages = new ViewOnlyFilter();

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

  /** Nothing is read until the handshakes are done and somebody reads from this stream. */
  protected override next(): Buffer | undefined {
    return (this.inner.read() as Buffer | null) ?? undefined;
  }
}
