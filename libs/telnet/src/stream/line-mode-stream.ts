import { Duplex } from 'node:stream';
import { LineEditor } from '../protocol/line-editor';
import type { InputMode } from '../protocol/telnet-client';

const HIGH_WATER_MARK_BYTES = 64 * 1024;

const ETX = '\x03';
const CR = 13;
const LF = 10;

/** A connection on which the server may leave echo and line editing to the terminal. */
export interface LineTerminal {
  readonly mode: InputMode;
  /** Ctrl+C in line mode. */
  interrupt(): void;
  /** Ctrl+D on an empty line; if absent, it is sent as a character. */
  endInput?(): void;
  /** Changes of the mode. */
  on(event: 'mode', listener: (mode: InputMode) => void): unknown;
}

export interface LineModeOptions {
  /** What Enter sends in line mode; CR LF by default. */
  readonly lineEnd?: '\r\n' | '\n';
  /** Shows input even if the server says that it echoes. */
  readonly alwaysEchoes?: boolean;
}

/**
 * Local echo and line editing for servers in line mode. In character mode bytes pass unchanged, and
 * are echoed here if the server does not echo them. Lines of a server in line mode begin at the
 * left margin, as in a terminal whose line discipline is on.
 */
export class LineModeStream extends Duplex {
  private readonly editor: LineEditor;
  private readonly alwaysEchoes: boolean;
  private endsWithCr = false;
  private readonly decoder = new TextDecoder();
  private unsent = '';
  /**
   * Echo that has not been shown yet: the editor echoes each character, but a pasted text is shown
   * in one piece.
   */
  private unshown = '';
  private serverEnded = false;
  /** Whether the reader accepts more, after backpressure. */
  private isWanted = true;
  private waitingWriter: (() => void) | undefined;

  /**
   * @param text the server's stream in UTF-8
   * @param terminal the connection beneath it
   */
  constructor(
    private readonly text: Duplex,
    private readonly terminal: LineTerminal,
    { lineEnd, alwaysEchoes = false }: LineModeOptions = {},
  ) {
    super({
      readableHighWaterMark: HIGH_WATER_MARK_BYTES,
      writableHighWaterMark: HIGH_WATER_MARK_BYTES,
    });
    this.alwaysEchoes = alwaysEchoes;
    this.editor = new LineEditor(
      {
        send: typed => (this.unsent += typed),
        interrupt: () => terminal.interrupt(),
        echo: typed => (this.unshown += typed),
        ...(terminal.endInput ? { endInput: () => terminal.endInput?.() } : {}),
      },
      lineEnd,
    );
    text.on('data', (chunk: Buffer) => {
      this.isWanted = this.push(terminal.mode.byLine ? this.fromTheLeft(chunk) : chunk);
      if (!this.isWanted) text.pause();
    });
    text.once('end', () => {
      this.serverEnded = true;
      this.push(null);
    });
    text.on('error', cause => this.destroy(cause));
    text.once('close', () => {
      if (!text.readableEnded) this.destroy();
    });
    terminal.on('mode', (mode: InputMode) => this.modeChanged(mode));
  }

  override _read(): void {
    this.isWanted = true;
    this.text.resume();
    const { waitingWriter } = this;
    this.waitingWriter = undefined;
    waitingWriter?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const { byLine, localEcho: isAsked } = this.terminal.mode;
    const localEcho = isAsked || this.alwaysEchoes;
    if (byLine) {
      this.editor.type(this.decoder.decode(chunk, { stream: true }), localEcho);
      this.showEcho();
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

  /** Inserts a carriage return before each line feed that has none. */
  private fromTheLeft(chunk: Buffer): Buffer {
    let previous = this.endsWithCr ? CR : 0;
    this.endsWithCr = chunk.at(-1) === CR;
    if (!chunk.includes(LF)) return chunk;
    const out: number[] = [];
    for (const byte of chunk) {
      if (byte === LF && previous !== CR) out.push(CR);
      out.push(byte);
      previous = byte;
    }
    return Buffer.from(out);
  }

  private modeChanged({ byLine }: InputMode): void {
    if (byLine) return;
    this.editor.flush();
    const waiting = this.takeUnsent();
    if (waiting !== '' && this.text.writable) this.text.write(waiting);
  }

  private showEcho(): void {
    const { unshown } = this;
    this.unshown = '';
    if (unshown !== '') this.echo(Buffer.from(unshown));
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
