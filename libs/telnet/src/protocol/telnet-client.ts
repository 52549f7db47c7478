import { escaped, NvtReader } from './nvt-text';
import { OptionNegotiator } from './option-negotiator';
import {
  charsetAnswer,
  environmentIs,
  textIs,
  type WindowSize,
  windowSizeIs,
} from './subnegotiation';
import { CHARSET, COMMANDS, OPTIONS, SEND, type Verb } from './telnet-codes';
import { TelnetParser } from './telnet-parser';

/** Servers that ask for it expect a number. It has no effect. */
const TERMINAL_SPEED = '38400,38400';

const LOCAL = [
  OPTIONS.BINARY,
  OPTIONS.SGA,
  OPTIONS.TERMINAL_TYPE,
  OPTIONS.NAWS,
  OPTIONS.TERMINAL_SPEED,
  OPTIONS.NEW_ENVIRON,
  OPTIONS.CHARSET,
];
const REMOTE = [OPTIONS.BINARY, OPTIONS.ECHO, OPTIONS.SGA, OPTIONS.CHARSET];

export interface InputMode {
  /** The server does not echo input, so the terminal has to. */
  readonly localEcho: boolean;
  /** Input is sent line by line, because the server did not agree to SGA. */
  readonly byLine: boolean;
}

export interface TelnetClientSettings {
  readonly size: WindowSize;
  /** In order of preference; each request of the server gets the next one (RFC 1091). */
  readonly terminalTypes: readonly [string, ...string[]];
  /** Variables that a server receives if it asks. */
  readonly environment: Readonly<Record<string, string>>;
  /** Names of the text's encoding that servers may offer (RFC 2066). */
  readonly charsets: readonly string[];
  readonly isUtf8: boolean;
}

export interface TelnetClientEvents {
  /** Output of the server, in the server's encoding. */
  text(bytes: Uint8Array): void;
  /** Bytes to send to the server. */
  send(bytes: Uint8Array): void;
  modeChanged(mode: InputMode): void;
}

/**
 * The client's end of a Telnet connection, without I/O: input is passed in, and output is reported
 * by events. It does not negotiate until the server has shown that it speaks Telnet.
 */
export class TelnetClient {
  private readonly parser = new TelnetParser({
    data: bytes => this.show(bytes),
    negotiation: (verb, option) => this.negotiate(verb, option),
    subnegotiation: (option, payload) => this.answer(option, payload),
  });
  private readonly reader = new NvtReader();
  private readonly negotiator = new OptionNegotiator({
    agreed: { local: LOCAL, remote: REMOTE },
    send: (verb, option) => this.command(verb, option),
    changed: (side, option, isOn) => this.changed(side, option, isOn),
  });
  private size: WindowSize;
  private nextType = 0;
  private heardTelnet = false;

  constructor(
    private readonly settings: TelnetClientSettings,
    private readonly events: TelnetClientEvents,
  ) {
    this.size = settings.size;
  }

  /** Whether the server has sent any Telnet command. */
  get speaksTelnet(): boolean {
    return this.heardTelnet;
  }

  /** A network virtual terminal starts with local echo, line by line. */
  get mode(): InputMode {
    return {
      localEcho: !this.negotiator.isOn('remote', OPTIONS.ECHO),
      byLine: !this.negotiator.isOn('remote', OPTIONS.SGA),
    };
  }

  /** @throws RemoteAccessError `target-failed` if the server violates the protocol */
  receive(bytes: Uint8Array): void {
    this.parser.feed(bytes);
  }

  /** @param bytes input in the server's encoding; Enter is CR, or CR LF in line mode */
  type(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.negotiator.allowMore();
    // Without BINARY servers strip the eighth bit; ASCII does not need it.
    if (this.heardTelnet && bytes.some(byte => byte > 127)) {
      this.negotiator.enable('local', OPTIONS.BINARY);
    }
    const binary = this.negotiator.isOn('local', OPTIONS.BINARY);
    this.events.send(escaped(bytes, { binary }));
  }

  resize(size: WindowSize): void {
    if (size.cols === this.size.cols && size.rows === this.size.rows) return;
    this.size = size;
    if (this.negotiator.isOn('local', OPTIONS.NAWS)) this.events.send(windowSizeIs(size));
  }

  sendBreak(): void {
    this.command(COMMANDS.BREAK);
  }

  /** Sends the command for Ctrl+C in line mode. */
  interrupt(): void {
    this.command(COMMANDS.INTERRUPT_PROCESS);
  }

  private show(bytes: Uint8Array): void {
    const binary = this.negotiator.isOn('remote', OPTIONS.BINARY);
    const read = binary ? bytes : this.reader.read(bytes);
    const text = this.settings.isUtf8 ? withoutDataMarks(read) : read;
    if (text.length > 0) this.events.text(text);
  }

  private negotiate(verb: Verb, option: number): void {
    const first = !this.heardTelnet;
    this.heardTelnet = true;
    this.negotiator.receive(verb, option);
    if (!first) return;
    // Many servers accept these but never ask for them.
    this.negotiator.enable('remote', OPTIONS.SGA);
    this.negotiator.enable('local', OPTIONS.TERMINAL_TYPE);
    this.negotiator.enable('local', OPTIONS.NAWS);
  }

  private changed(side: 'local' | 'remote', option: number, isOn: boolean): void {
    if (side === 'local' && option === OPTIONS.NAWS && isOn) {
      this.events.send(windowSizeIs(this.size));
    }
    if (side === 'local') return;
    if (option === OPTIONS.BINARY) this.reader.reset();
    if (option === OPTIONS.ECHO || option === OPTIONS.SGA) this.events.modeChanged(this.mode);
  }

  private answer(option: number, payload: Uint8Array): void {
    const [kind, ...rest] = payload;
    const isAsked = kind === (option === OPTIONS.CHARSET ? CHARSET.REQUEST : SEND);
    if (!isAsked || !this.hasAgreed(option) || !this.negotiator.mayAnswer(option)) return;
    const request = Uint8Array.from(rest);
    const { environment, charsets } = this.settings;
    switch (option) {
      case OPTIONS.TERMINAL_TYPE:
        return this.events.send(textIs(option, this.terminalType()));
      case OPTIONS.TERMINAL_SPEED:
        return this.events.send(textIs(option, TERMINAL_SPEED));
      case OPTIONS.NEW_ENVIRON:
        return this.events.send(environmentIs(request, environment));
      case OPTIONS.CHARSET:
        return this.events.send(charsetAnswer(request, charsets));
    }
  }

  private hasAgreed(option: number): boolean {
    if (this.negotiator.isOn('local', option)) return true;
    return option === OPTIONS.CHARSET && this.negotiator.isOn('remote', option);
  }

  /** Repeating the last type marks the end of the list (RFC 1091); then it starts over. */
  private terminalType(): string {
    const { terminalTypes } = this.settings;
    const [best] = terminalTypes;
    const at = this.nextType;
    this.nextType = at >= terminalTypes.length ? 0 : at + 1;
    return terminalTypes[at] ?? terminalTypes.at(-1) ?? best;
  }

  private command(...bytes: number[]): void {
    this.events.send(Uint8Array.of(COMMANDS.IAC, ...bytes));
  }
}

/**
 * A server that discards output, as on Ctrl+C, marks the position with IAC DM. BSD's servers send
 * the IAC as TCP urgent data, which gateways that forward a stream drop, so the DM arrives alone.
 * It can safely be removed from UTF-8, where the byte would start an unassigned character, U+80000
 * to U+BFFFF.
 */
function withoutDataMarks(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(COMMANDS.DATA_MARK)) return bytes;
  return bytes.filter(byte => byte !== COMMANDS.DATA_MARK);
}
