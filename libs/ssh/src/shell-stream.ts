import { printable } from '@remote-access/contracts';
import { CHUNK_OVERHEAD_BYTES, PacedControls, setPooledInterval } from '@remote-access/streams';
import { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { FIRST_WINDOW_BYTES, ReadingWindow } from './reading-window';
import type { Ssh2Internals } from './ssh2-internals';

/**
 * Servers send the exit status before or after the end of the output. If a server has sent either
 * and then never closes its channel, we wait no longer than this.
 */
const CLOSE_GRACE_MS = 2_000;

const HIGH_WATER_MARK_BYTES = 64 * 1024;

/** Maximum length of the quoted disconnect message. */
const MAX_FAREWELL_CHARACTERS = 300;

/**
 * A server that has answered a probe before should answer the next one within this time: the page
 * asks every two seconds. Slow ones are allowed twice their usual round trip.
 */
const SILENT_AFTER_MS = 1_800;

/** The usual length on consoles; servers may choose their own (RFC 4335 3). */
const BREAK_MS = 500;

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

export interface ShellFacts {
  readonly size: TerminalSize;
  /** Whether the server has granted a terminal. */
  readonly hasTerminal: boolean;
  readonly keepAliveIntervalMs: number;
}

/**
 * A remote shell as a byte stream. It ends when the server has closed its channel. Ending it hangs
 * up the shell; destroying it closes the SSH connection.
 */
export class ShellStream extends Duplex {
  private size: TerminalSize;
  private graceTimer: NodeJS.Timeout | undefined;
  private hungUp = false;
  private status: number | undefined;
  private signal: string | undefined;
  private isEnding = false;
  private channelClosed = false;
  private lost = false;
  private received = 0;
  private arrived: Buffer[] = [];
  private chunksSinceEmpty = 0;
  private ended = false;
  /**
   * Without a terminal the server neither echoes nor edits lines, and ends lines with a line feed.
   */
  readonly hasTerminal: boolean;
  private readonly stopKeepAlive: () => void;
  private readonly window = new ReadingWindow();
  private probedAtMs: number | undefined;
  private latestRoundTripMs: number | undefined;
  /** Since when an answer is due; later than the probe if the server sent something else. */
  private owedSinceMs = 0;
  private receivedThen = 0;
  private readonly controls: PacedControls<TerminalSize>;

  /** @param channel opened with a window of {@link FIRST_WINDOW_BYTES} */
  constructor(
    private readonly client: Client,
    private readonly internals: Ssh2Internals,
    private readonly channel: ClientChannel,
    private readonly socket: Duplex,
    { size, hasTerminal, keepAliveIntervalMs }: ShellFacts,
  ) {
    super({
      readableHighWaterMark: HIGH_WATER_MARK_BYTES,
      writableHighWaterMark: HIGH_WATER_MARK_BYTES,
    });
    this.size = size;
    this.hasTerminal = hasTerminal;
    this.stopKeepAlive = setPooledInterval(this.keepAlive, keepAliveIntervalMs);
    this.controls = new PacedControls(socket, {
      resize: ({ rows, cols }) => channel.setWindow(rows, cols, 0, 0),
      isHeld: () => this.destroyed || internals.isExchangingKeys,
    });
    // Later `handshake` events are key re-exchanges.
    client.on('handshake', () => this.controls.flush());
    channel.on('data', this.onOutput);
    // With a PTY, stderr is unused, but a server may still send it.
    channel.stderr.on('data', this.onOutput);
    channel.on('exit', (status: number | null, signal?: string) => {
      this.status = status ?? undefined;
      this.signal = signal === undefined ? undefined : printable(signal);
      this.isEnding = true;
      this.awaitClose();
    });
    channel.on('end', () => {
      this.isEnding = true;
      this.awaitClose();
    });
    channel.on('close', () => {
      this.channelClosed = true;
      clearTimeout(this.graceTimer);
      this.endOutput();
    });
    channel.on('error', (cause: Error) => this.destroy(cause));
    client.on('error', (cause: Error) => {
      // ssh2 reports some disconnect messages as errors; the end of the socket follows.
      if (!internals.disconnect) this.destroy(cause);
    });
    // ssh2 does not always emit an error when the connection is lost.
    client.on('end', this.markLost).on('close', this.markLost);
  }

  /** `undefined` if a signal or a lost connection ended the shell. */
  get exitStatus(): number | undefined {
    return this.status;
  }

  /** The signal that ended the shell, such as `SIGTERM`. */
  get exitSignal(): string | undefined {
    return this.signal;
  }

  /**
   * Whether the connection was lost before the shell ended. A server that sends a disconnect
   * message, or ends its side of the connection, has ended the session: many devices log out that
   * way.
   */
  get connectionLost(): boolean {
    const hasEnded = this.internals.disconnect !== undefined || this.socket.readableEnded;
    return (
      this.lost &&
      !hasEnded &&
      this.status === undefined &&
      this.signal === undefined &&
      !this.hungUp
    );
  }

  /** The server's disconnect message, if any. */
  get farewell(): string | undefined {
    const { description = '' } = this.internals.disconnect ?? {};
    const farewell = printable(description, MAX_FAREWELL_CHARACTERS);
    return farewell === '' ? undefined : farewell;
  }

  /**
   * Memory that it holds: unread output, including the overhead of each chunk, and unsent input.
   */
  get heldBytes(): number {
    const { readableLength, writableLength, chunksSinceEmpty } = this;
    const overhead = readableLength === 0 ? 0 : chunksSinceEmpty * CHUNK_OVERHEAD_BYTES;
    return readableLength + overhead + writableLength;
  }

  resize(size: TerminalSize): void {
    if (size.cols === this.size.cols && size.rows === this.size.rows) return;
    this.size = size;
    this.controls.resize(size);
  }

  /** Ctrl+C if there is no terminal, where the character would be plain data (RFC 4254 6.9). */
  interrupt(): void {
    this.controls.signal(() => this.channel.signal('INT'));
  }

  /** Tells the shell that there is no more input; its output continues. */
  endInput(): void {
    this.controls.signal(() => this.channel.eof());
  }

  sendBreak(): void {
    this.controls.signal(() => this.internals.sendBreak(this.channel, BREAK_MS));
  }

  /**
   * Sends a probe to the server, unless the last one is unanswered or the probe would be queued.
   * @returns the latest round trip, in milliseconds
   */
  measureRoundTrip(): number | undefined {
    if (this.probedAtMs === undefined && !this.isHeld && !this.lost) {
      const sentAtMs = performance.now();
      this.probedAtMs = sentAtMs;
      this.owedSinceMs = sentAtMs;
      this.internals.ping(this.client, () => {
        this.probedAtMs = undefined;
        this.latestRoundTripMs = performance.now() - sentAtMs;
      });
    }
    return this.latestRoundTripMs;
  }

  /** Whether a server that has answered before leaves a probe unanswered and sends nothing else. */
  get isSilent(): boolean {
    const nowMs = performance.now();
    if (this.received !== this.receivedThen || this.isHeld) this.owedSinceMs = nowMs;
    this.receivedThen = this.received;
    if (this.probedAtMs === undefined || this.latestRoundTripMs === undefined) return false;
    return nowMs - this.owedSinceMs >= Math.max(SILENT_AFTER_MS, 2 * this.latestRoundTripMs);
  }

  /** Whether a probe would be queued. */
  private get isHeld(): boolean {
    return this.internals.isExchangingKeys || this.socket.writableNeedDrain || this.hungUp;
  }

  override _read(): void {
    // Node calls this before it removes the read bytes from its buffer, hence the deferral.
    process.nextTick(this.grantWindow);
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    // ssh2 respects the server's window but not the socket's backpressure.
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
    this.stopKeepAlive();
    this.controls.stop();
    this.hungUp = true;
    this.client.end();
    done(cause);
  }

  /**
   * Keeps the connection in the tables of firewalls, and lets the gateway's TCP detect a dead peer.
   * No answer is expected: many devices do not answer probes.
   */
  private readonly keepAlive = (): void => {
    if (this.ended || this.destroyed || this.internals.isExchangingKeys) return;
    if (!this.socket.writableNeedDrain) this.internals.sendIgnored();
  };

  private readonly onOutput = (chunk: Buffer): void => {
    this.received += chunk.length;
    this.internals.hideReceived(this.channel, chunk.length);
    if (this.destroyed) return;
    // Some servers round up a little; half a megabyte in excess means that the window is ignored.
    if (this.received > this.window.granted + FIRST_WINDOW_BYTES) {
      this.destroy(new Error('The server sent more than its window allows'));
      this.socket.destroy();
      return;
    }
    // Servers send a packet for every line or two; those received together are pushed together.
    if (this.arrived.push(chunk) === 1) process.nextTick(this.pushArrived);
    if (this.isEnding) this.awaitClose();
  };

  private readonly pushArrived = (): void => {
    const { arrived } = this;
    const [first] = arrived;
    if (!first || this.ended) return;
    this.arrived = [];
    this.chunksSinceEmpty = this.readableLength === 0 ? 1 : this.chunksSinceEmpty + 1;
    this.push(arrived.length === 1 ? first : Buffer.concat(arrived));
    this.grantWindow();
  };

  private endOutput(): void {
    if (this.ended) return;
    this.pushArrived();
    this.ended = true;
    this.stopKeepAlive();
    this.push(null);
  }

  /** Restarted by every sign of life: output from before the end of the shell may still arrive. */
  private awaitClose(): void {
    clearTimeout(this.graceTimer);
    if (this.channelClosed || this.destroyed) return;
    this.graceTimer = setTimeout(() => {
      const isHeldBack = this.received >= this.window.granted && !this.channel.readableEnded;
      if (isHeldBack) this.awaitClose();
      else this.endOutput();
    }, CLOSE_GRACE_MS);
  }

  private readonly grantWindow = (): void => {
    const held = this.arrived.reduce((sum, { length }) => sum + length, this.readableLength);
    const bytes = this.window.grant(this.received - held);
    if (bytes > 0) this.internals.grant(this.channel, bytes);
  };

  private readonly markLost = (): void => {
    this.lost ||= !this.channelClosed;
  };
}
