import { RemoteAccessError } from '@remote-access/contracts';
import { COMMANDS, FIRST_COMMAND, type Verb } from './telnet-codes';

/**
 * The longest subnegotiation kept. Honest ones take some hundred bytes; a far end that opens one
 * and never closes it would otherwise be collected for ever.
 */
const MAX_SUBNEGOTIATION_BYTES = 4 * 1024;

const NEVER_CLOSED = 'The server started a Telnet option negotiation and never finished it.';

/** What a Telnet stream consists of, in the order in which it came. */
export interface TelnetSink {
  /** A view into what was fed, or one byte; `IAC IAC` is one 255. */
  data(bytes: Uint8Array): void;
  command(command: number): void;
  negotiation(verb: Verb, option: number): void;
  /** @param payload without the option, with `IAC IAC` as one 255 */
  subnegotiation(option: number, payload: Uint8Array): void;
}

type State = 'data' | 'iac' | 'verb' | 'sb-option' | 'sb' | 'sb-iac';

/** Takes a Telnet stream apart (RFC 854, RFC 855), however it is cut. */
export class TelnetParser {
  private state: State = 'data';
  private verb: Verb = COMMANDS.WILL;
  private option = 0;
  private readonly payload = new Uint8Array(MAX_SUBNEGOTIATION_BYTES);
  private length = 0;

  constructor(private readonly sink: TelnetSink) {}

  /** @throws RemoteAccessError `target-failed` for a subnegotiation without end */
  feed(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.state === 'data') at = this.passData(bytes, at);
      else this.step(bytes[at++]!);
    }
  }

  /** @returns where the data ends */
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
        throw new Error('Data does not go byte by byte');
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
        // No command: what stood between was lost with TCP's urgent byte, or it is no Telnet.
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
    // Another command in the middle: the closing one was forgotten, and the stream goes on here.
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
