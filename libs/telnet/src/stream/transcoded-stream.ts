import type { Encoding } from '@remote-access/contracts';
import { getDecoder, getEncoder } from 'iconv-lite';
import { Duplex } from 'node:stream';

const HIGH_WATER_MARK_BYTES = 64 * 1024;

/**
 * A terminal's stream in UTF-8, which clients use. The bytes of a UTF-8 endpoint pass unchanged
 * even if they are not valid text, because programs transfer files through terminals.
 */
export function asUtf8(target: Duplex, encoding: Encoding = 'utf-8'): Duplex {
  return encoding === 'utf-8' ? target : new TranscodedStream(target, encoding);
}

/**
 * Translates a terminal in another encoding to and from UTF-8. Characters split between chunks are
 * kept until they are complete. Characters that the other encoding lacks are sent as question
 * marks; invalid bytes from the server become U+FFFD.
 */
class TranscodedStream extends Duplex {
  private readonly fromTarget;
  private readonly fromClient = getDecoder('utf-8', { stripBOM: false });
  private readonly toTarget;

  constructor(
    private readonly target: Duplex,
    encoding: Exclude<Encoding, 'utf-8'>,
  ) {
    super({
      readableHighWaterMark: HIGH_WATER_MARK_BYTES,
      writableHighWaterMark: HIGH_WATER_MARK_BYTES,
    });
    this.fromTarget = getDecoder(encoding, { stripBOM: false });
    this.toTarget = getEncoder(encoding);
    target.on('data', (chunk: Buffer) => this.show(this.fromTarget.write(chunk)));
    target.once('end', () => {
      this.show(this.fromTarget.end() ?? '');
      this.push(null);
    });
    target.on('error', cause => this.destroy(cause));
    target.once('close', () => {
      // After a proper end the reader still gets what was buffered.
      if (!target.readableEnded) this.destroy();
    });
  }

  override _read(): void {
    this.target.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.send(this.fromClient.write(chunk), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.send(this.fromClient.end() ?? '', () => {
      this.target.end();
      done();
    });
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    this.target.destroy();
    done(cause);
  }

  private show(text: string): void {
    if (text !== '' && !this.push(Buffer.from(text))) this.target.pause();
  }

  private send(text: string, done: () => void): void {
    const bytes = this.toTarget.write(text);
    if (this.target.write(bytes)) done();
    else this.target.once('drain', done);
  }
}
