import { Duplex } from 'node:stream';
import { LineEditor } from '../protocol/line-editor';
import type { InputMode } from '../protocol/telnet-client';
import type { TelnetStream } from './telnet-stream';

const HIGH_WATER_MARK_BYTES = 64 * 1024;

const ETX = '\x03';

/**
 * Local echo and line editing for servers in line mode. In character mode bytes pass unchanged,
 * echoed here if the server does not echo them.
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
  /** Whether the reader takes more, after backpressure. */
  private isWanted = true;
  private waitingWriter: (() => void) | undefined;

  /**
   * @param text the server's stream in UTF-8
   * @param telnet the Telnet stream beneath it
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
    // Unread echo applies backpressure to the sender.
    const whenRead = (): void => {
      if (this.isWanted || this.serverEnded) done();
      else this.waitingWriter = done;
    };
    if (bytes.length === 0 || this.text.write(bytes)) whenRead();
    else this.text.once('drain', whenRead);
  }
}

/** The echo of single characters. */
function echoOf(typed: Buffer): Buffer {
  const shown = typed.toString('latin1').replace(/\r/g, '\r\n').replaceAll('\x7f', '\b \b');
  return Buffer.from(shown.replaceAll(ETX, '^C'), 'latin1');
}
