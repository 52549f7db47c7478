import { RemoteAccessError } from '@remote-access/contracts';
import { COMMANDS, FIRST_COMMAND, type Verb } from './telnet-codes';

/**
 * The longest subnegotiation that is accepted. Legitimate ones take a few hundred bytes. Without a
 * limit, one that is never closed would grow without bound.
 */
const MAX_SUBNEGOTIATION_BYTES = 4 * 1024;

const NEVER_CLOSED = 'The server started a Telnet option negotiation and never finished it.';

/** Receives the elements of a Telnet stream in order. */
export interface TelnetSink {
  /** @param bytes a view into the input, or a single byte; `IAC IAC` is one 255 */
  data(bytes: Uint8Array): void;
  command(command: number): void;
  negotiation(verb: Verb, option: number): void;
  /** @param payload without the option; `IAC IAC` is one 255 */
  subnegotiation(option: number, payload: Uint8Array): void;
}

type State = 'data' | 'iac' | 'verb' | 'sb-option' | 'sb' | 'sb-iac';

/** Parses a Telnet stream (RFC 854, RFC 855) that arrives in pieces of any size. */
export class TelnetParser {
  private state: State = 'data';
  private verb: Verb = COMMANDS.WILL;
  private option = 0;
  private readonly payload = new Uint8Array(MAX_SUBNEGOTIATION_BYTES);
  private length = 0;

  constructor(private readonly sink: TelnetSink) {}

  /** @throws RemoteAccessError `target-failed` if a subnegotiation is too long */
  feed(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.state === 'data') at = this.passData(bytes, at);
      else this.step(bytes[at++]!);
    }
  }

  /** @returns the position after the data */
  private passData(bytes: Uint8Array, from: number): number {
    const found = bytes.indexOf(COMMANDS.IAC, from);
    const end = found < 0 ? bytes.length : found;
    if (end > from) this.sink.data(bytes.subarray(from, end));
    if (found < 0) return end;
    this.state = 'iac';
    return end + 1;
  }

  private step(byte: number): void {
    switch (this.state) {
      case 'iac':
        this.afterIac(byte);
        return;
      case 'verb':
        this.state = 'data';
        this.sink.negotiation(this.verb, byte);
        return;
      case 'sb-option':
        this.option = byte;
        this.length = 0;
        this.state = 'sb';
        return;
      case 'sb':
        if (byte === COMMANDS.IAC) this.state = 'sb-iac';
        else this.keep(byte);
        return;
      case 'sb-iac':
        this.afterIacInside(byte);
        return;
      case 'data':
        throw new Error('passData handles this state');
      default:
        this.state satisfies never;
    }
  }

  private afterIac(byte: number): void {
    this.state = 'data';
    switch (byte) {
      case COMMANDS.WILL:
      case COMMANDS.WONT:
      case COMMANDS.DO:
      case COMMANDS.DONT:
        this.verb = byte;
        this.state = 'verb';
        return;
      case COMMANDS.SB:
        this.state = 'sb-option';
        return;
      case COMMANDS.IAC:
        this.sink.data(Uint8Array.of(byte));
        return;
      default:
        // Not a command: the command was lost with TCP's urgent byte, or this is not Telnet.
        if (byte < FIRST_COMMAND) this.sink.data(Uint8Array.of(byte));
        else this.sink.command(byte);
    }
  }

  private afterIacInside(byte: number): void {
    if (byte === COMMANDS.IAC) {
      this.state = 'sb';
      this.keep(byte);
      return;
    }
    this.sink.subnegotiation(this.option, this.payload.slice(0, this.length));
    this.state = 'data';
    // Any other command ends the subnegotiation as well: the sender forgot the SE.
    if (byte !== COMMANDS.SE) this.afterIac(byte);
  }

  private keep(byte: number): void {
    if (this.length === MAX_SUBNEGOTIATION_BYTES) {
      throw new RemoteAccessError('target-failed', { detail: NEVER_CLOSED });
    }
    this.payload[this.length] = byte;
    this.length += 1;
  }
}
