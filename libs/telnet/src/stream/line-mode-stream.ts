import { Duplex } from 'node:stream';
import { LineEditor } from '../protocol/line-editor';
import type { InputMode } from '../protocol/telnet-client';
import type { TelnetStream } from './telnet-stream';

const HIGH_WATER_MARK_BYTES = 64 * 1024;

const ETX = '\x03';

/**
 * What a terminal of its own does for a server that takes lines: shows what is typed, lets it be
 * rubbed out and sends it with Enter. Where the server takes single characters, bytes pass as they
 * are.
 */
export class LineModeStream extends Duplex {
  private readonly editor = new LineEditor({
    send: text => (this.unsent += text),
    interrupt: () => {
      this.telnet.interrupt();
    },
    echo: text => this.echo(Buffer.from(text)),
  });
  private readonly decoder = new TextDecoder();
  private unsent = '';
  private serverEnded = false;
  /** The reader takes more: it has asked since it was last given too much. */
  private isWanted = true;
  private waitingWriter: (() => void) | undefined;

  /**
   * @param text the server as one that speaks UTF-8
   * @param telnet the connection under it
   */
  constructor(
    private readonly text: Duplex,
    private readonly telnet: TelnetStream,
  ) {
    super({
      readableHighWaterMark: HIGH_WATER_MARK_BYTES,
      writableHighWaterMark: HIGH_WATER_MARK_BYTES,
    });
    text.on('data', (chunk: Buffer) => {
      this.isWanted = this.push(chunk);
      if (!this.isWanted) text.pause();
    });
    text.once('end', () => {
      this.serverEnded = true;
      this.push(null);
    });
    text.once('error', cause => this.destroy(cause));
    text.once('close', () => {
      if (!text.readableEnded) this.destroy();
    });
    telnet.on('mode', (mode: InputMode) => this.modeChanged(mode));
  }

  override _read(): void {
    this.isWanted = true;
    this.text.resume();
    const { waitingWriter } = this;
    this.waitingWriter = undefined;
    waitingWriter?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const { byLine, localEcho } = this.telnet.mode;
    if (byLine) {
      this.editor.type(this.decoder.decode(chunk, { stream: true }), localEcho);
      return this.passOn(Buffer.from(this.takeUnsent()), done);
    }
    if (localEcho) this.echo(echoOf(chunk));
    this.passOn(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.text.end();
    done();
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    this.text.destroy();
    done(cause);
  }

  private modeChanged({ byLine }: InputMode): void {
    if (byLine) return;
    this.editor.flush();
    const waiting = this.takeUnsent();
    if (waiting !== '' && this.text.writable) this.text.write(waiting);
  }

  private echo(bytes: Buffer): void {
    if (!this.serverEnded) this.isWanted = this.push(bytes);
  }

  private takeUnsent(): string {
    const { unsent } = this;
    this.unsent = '';
    return unsent;
  }

  private passOn(bytes: Buffer, done: () => void): void {
    // An echo that nobody reads slows down who types.
    const whenRead = (): void => {
      if (this.isWanted || this.serverEnded) done();
      else this.waitingWriter = done;
    };
    if (bytes.length === 0 || this.text.write(bytes)) whenRead();
    else this.text.once('drain', whenRead);
  }
}

/** As a terminal shows what is typed into it character by character. */
function echoOf(typed: Buffer): Buffer {
  const shown = typed.toString('latin1').replace(/\r/g, '\r\n').replaceAll('\x7f', '\b \b');
  return Buffer.from(shown.replaceAll(ETX, '^C'), 'latin1');
}
