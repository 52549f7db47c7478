import { type Encoding, RemoteAccessError } from '@remote-access/contracts';
import { inSharedTurn, PacedControls, type SharedTurn } from '@remote-access/streams';
import { Duplex } from 'node:stream';
import type { WindowSize } from '../protocol/subnegotiation';
import { type InputMode, TelnetClient } from '../protocol/telnet-client';

const HIGH_WATER_MARK_BYTES = 64 * 1024;

/**
 * Commands take much longer to process than text, and a socket delivers up to 2 MiB at once: other
 * sessions get their turn in between.
 */
const MAX_BYTES_PER_TURN = 8 * 1024;

/** Our terminals are xterm-256color; older servers know only the others. */
const TERMINAL_TYPES = ['xterm-256color', 'xterm', 'vt220', 'vt100', 'ansi'] as const;

/** Names under which servers offer an encoding (RFC 2066). */
const CHARSETS: Readonly<Record<Encoding, readonly string[]>> = {
  'utf-8': ['UTF-8'],
  latin1: ['ISO-8859-1', 'ISO_8859-1', 'LATIN1'],
  cp437: ['IBM437', 'CP437'],
  gbk: ['GBK', 'GB2312', 'CP936'],
  shift_jis: ['SHIFT_JIS', 'SJIS', 'CP932'],
};

export interface TelnetStreamOptions {
  readonly endpointName: string;
  readonly encoding: Encoding;
  /** Sent to the server as LANG if it asks; if absent, the server uses its default. */
  readonly locale?: string | undefined;
  readonly size: WindowSize;
}

/** A Telnet connection as a terminal's byte stream, in the server's encoding. */
export class TelnetStream extends Duplex {
  /** Why the stream was destroyed, if the server is unusable. */
  failure: RemoteAccessError | undefined;
  private readonly telnet: TelnetClient;
  private readonly controls: PacedControls<WindowSize>;
  private readonly greeting = new ForeignGreeting();
  private readonly endpointName: string;
  /** The text of the chunk that is being received. */
  private readonly text: Uint8Array[] = [];
  private bytesThisTurn = 0;
  private nextTurn: SharedTurn | undefined;
  /** Whether the reader has not taken the text that was pushed. */
  private isFull = false;

  /** @param connection to the server, through the gateway */
  constructor(
    private readonly connection: Duplex,
    { endpointName, encoding, locale, size }: TelnetStreamOptions,
  ) {
    super({
      readableHighWaterMark: HIGH_WATER_MARK_BYTES,
      writableHighWaterMark: HIGH_WATER_MARK_BYTES,
    });
    this.endpointName = endpointName;
    this.telnet = new TelnetClient(
      {
        size,
        terminalTypes: TERMINAL_TYPES,
        // Reveals nothing about the user, and names no locale that the server may not have.
        environment: locale === undefined ? {} : { LANG: locale },
        charsets: CHARSETS[encoding],
        isUtf8: encoding === 'utf-8',
      },
      {
        text: bytes => void this.text.push(bytes),
        send: bytes => this.sendOn(bytes),
        modeChanged: mode => {
          this.showText();
          this.emit('mode', mode);
        },
      },
    );
    this.controls = new PacedControls(connection, {
      resize: latest => this.telnet.resize(latest),
    });
    connection.on('data', (chunk: Buffer) => this.receiveInTurns(chunk));
    connection.once('end', () => this.push(null));
    connection.on('error', cause => this.destroy(cause));
    connection.once('close', () => {
      if (!connection.readableEnded) this.destroy();
    });
  }

  /** Changes are emitted as `mode`. */
  get mode(): InputMode {
    return this.telnet.mode;
  }

  resize(size: WindowSize): void {
    this.controls.resize(size);
  }

  sendBreak(): void {
    this.controls.signal(() => this.telnet.sendBreak());
  }

  /** Ctrl+C in line mode. A server that does not speak Telnet would not understand the command. */
  interrupt(): void {
    this.controls.signal(() => {
      if (this.telnet.speaksTelnet) this.telnet.interrupt();
      else this.telnet.type(Uint8Array.of(3));
    });
  }

  override _read(): void {
    this.isFull = false;
    this.readOn();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.telnet.type(chunk);
    if (!this.connection.writableNeedDrain) return done();
    this.connection.once('drain', () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.connection.end();
    done();
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    this.nextTurn?.cancel();
    this.controls.stop();
    this.connection.destroy();
    done(cause);
  }

  private receiveInTurns(chunk: Buffer): void {
    const room = MAX_BYTES_PER_TURN - this.bytesThisTurn;
    const part = chunk.subarray(0, room);
    this.bytesThisTurn += part.length;
    this.nextTurn ??= inSharedTurn(() => {
      this.nextTurn = undefined;
      this.bytesThisTurn = 0;
      this.readOn();
    });
    if (chunk.length >= room) this.connection.pause();
    if (chunk.length > room) this.connection.unshift(chunk.subarray(room));
    this.receive(part);
  }

  private readOn(): void {
    if (!this.isFull && this.bytesThisTurn < MAX_BYTES_PER_TURN) this.connection.resume();
  }

  private receive(chunk: Buffer): void {
    if (this.destroyed) return;
    const foreign = this.telnet.speaksTelnet ? undefined : this.greeting.add(chunk);
    if (foreign) {
      const detail = `The server at endpoint "${this.endpointName}" is ${foreign}.`;
      return this.fail(new RemoteAccessError('target-failed', { detail }));
    }
    try {
      this.telnet.receive(chunk);
      this.showText();
    } catch (cause) {
      this.showText();
      this.fail(cause as RemoteAccessError);
    }
  }

  /**
   * In one piece: a server that sends a command after each character would otherwise cause a
   * message for each.
   */
  private showText(): void {
    const text = Buffer.concat(this.text.splice(0));
    if (text.length === 0 || this.push(text)) return;
    this.isFull = true;
    this.connection.pause();
  }

  private sendOn(bytes: Uint8Array): void {
    if (this.connection.writable) this.connection.write(bytes);
  }

  private fail(failure: RemoteAccessError): void {
    this.failure = failure;
    this.destroy();
  }
}

/** Enough bytes to recognize a protocol. */
const KEPT_BYTES = 12;

const GREETINGS: readonly (readonly [RegExp, string])[] = [
  [/^SSH-\d/, 'an SSH server. Set the protocol of the endpoint to SSH'],
  [/^RFB \d{3}\.\d{3}\n/, 'a VNC server. Set the protocol of the endpoint to VNC'],
  [/^HTTP\/\d/, 'a web server. Set the port of the endpoint to that of the Telnet server'],
];

/** Recognizes servers of other protocols by their first bytes. */
class ForeignGreeting {
  private kept = '';

  /** @returns the kind of server and what to do, as the end of a sentence, once it is recognized */
  add(chunk: Buffer): string | undefined {
    if (this.kept.length >= KEPT_BYTES) return undefined;
    this.kept += chunk.subarray(0, KEPT_BYTES - this.kept.length).toString('latin1');
    return GREETINGS.find(([pattern]) => pattern.test(this.kept))?.[1];
  }
}
