import { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import type { TerminalSize } from './ssh-endpoint';

/**
 * Servers tell the exit status after the end of the output or before it; one that never closes its
 * channel is not waited for longer than this.
 */
const CLOSE_GRACE_MS = 2_000;

/**
 * ssh2 grants a window of 2 MiB and takes what a server sends beyond it. More than twice that is a
 * server that ignores the window.
 */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

/** Answers to a server that asks without end and never reads: more than any honest one leaves. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

const HIGH_WATER_MARK_BYTES = 64 * 1024;

/**
 * A remote shell as a byte stream. It ends when the server has closed its channel; ending it hangs
 * up the shell; destroying it ends the SSH connection.
 */
export class ShellStream extends Duplex {
  private shown: TerminalSize;
  private graceTimer: NodeJS.Timeout | undefined;
  private hungUp = false;
  private status: number | undefined;
  private channelClosed = false;
  private lost = false;

  constructor(
    private readonly client: Client,
    private readonly channel: ClientChannel,
    private readonly socket: Duplex,
    size: TerminalSize,
  ) {
    super({
      readableHighWaterMark: HIGH_WATER_MARK_BYTES,
      writableHighWaterMark: HIGH_WATER_MARK_BYTES,
    });
    this.shown = size;
    const onOutput = (chunk: Buffer): void => {
      if (!this.push(chunk)) {
        channel.pause();
        channel.stderr.pause();
      }
    };
    channel.on('data', onOutput);
    // With a PTY there is no second stream, but nothing stops a server from using it.
    channel.stderr.on('data', onOutput);
    channel.on('exit', (status: number | null) => (this.status = status ?? undefined));
    channel.once('end', () => {
      this.graceTimer = setTimeout(() => this.push(null), CLOSE_GRACE_MS);
    });
    channel.once('close', () => {
      this.channelClosed = true;
      clearTimeout(this.graceTimer);
      this.push(null);
    });
    channel.on('error', (cause: Error) => this.destroy(cause));
    client.on('error', (cause: Error) => this.destroy(cause));
    // A socket that is cut tells no end.
    client.once('end', this.markLost).once('close', this.markLost);
    socket.on('data', this.checkBounds);
  }

  /** As the shell gave it; `undefined` when a signal or a broken connection ended it. */
  get exitStatus(): number | undefined {
    return this.status;
  }

  /** Whether the connection went away under the shell, rather than the shell ending. */
  get connectionLost(): boolean {
    return this.lost && this.status === undefined && !this.hungUp;
  }

  resize(size: TerminalSize): void {
    if (size.cols === this.shown.cols && size.rows === this.shown.rows) return;
    this.shown = size;
    this.channel.setWindow(size.rows, size.cols, 0, 0);
  }

  override _read(): void {
    this.channel.resume();
    this.channel.stderr.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    // ssh2 minds the server's window but not the socket under it.
    this.channel.write(chunk, () => {
      if (this.socket.writableNeedDrain) this.socket.once('drain', () => done());
      else done();
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.hungUp = true;
    this.channel.end();
    this.channel.close();
    done();
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.graceTimer);
    this.hungUp = true;
    this.client.end();
    // Nobody reads the rest; without this the end of the socket would wait behind it.
    this.channel.resume();
    this.channel.stderr.resume();
    done(cause);
  }

  private readonly markLost = (): void => {
    this.lost ||= !this.channelClosed;
  };

  private readonly checkBounds = (): void => {
    const unread = this.channel.readableLength + this.channel.stderr.readableLength;
    if (unread > MAX_UNREAD_BYTES) {
      this.destroy(new Error('The server sends more than it was allowed to'));
      this.socket.destroy();
    } else if (this.socket.writableLength > MAX_UNSENT_BYTES) {
      this.destroy(new Error('The server asks without reading the answers'));
      this.socket.destroy();
    }
  };
}
