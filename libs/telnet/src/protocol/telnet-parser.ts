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
  /** @param bytes may be a view of the input; `IAC IAC` arrives as one 255 */
  data(bytes: Uint8Array): void;
  /** If absent, commands are dropped, and the data around them is passed on in one piece. */
  command?(command: number): void;
  negotiation(verb: Verb, option: number): void;
  /** @param payload without the option; `IAC IAC` arrives as one 255 */
  subnegotiation(option: number, payload: Uint8Array): void;
}

type State = 'data' | 'iac' | 'verb' | 'sb-option' | 'sb' | 'sb-iac';

/** Parses a Telnet stream (RFC 854, RFC 855) that arrives in chunks of any size. */
export class TelnetParser {
  private state: State = 'data';
  private verb: Verb = COMMANDS.WILL;
  private option = 0;
  private readonly payload = new Uint8Array(MAX_SUBNEGOTIATION_BYTES);
  private length = 0;
  /**
   * The data of the input that is being parsed, of which `passed` bytes have been passed to the
   * sink.
   */
  private text = new Uint8Array(0);
  private textLength = 0;
  private passed = 0;

  constructor(private readonly sink: TelnetSink) {}

  /** @throws RemoteAccessError `target-failed` if a subnegotiation is too long */
  feed(bytes: Uint8Array): void {
    if (this.state === 'data' && !bytes.includes(COMMANDS.IAC)) {
      if (bytes.length > 0) this.sink.data(bytes);
      return;
    }
    this.text = new Uint8Array(bytes.length);
    this.textLength = 0;
    this.passed = 0;
    try {
      // Byte by byte: creating a view of each piece between two commands would be expensive for us
      // and cost a hostile server nothing.
      for (const byte of bytes) this.step(byte);
    } finally {
      this.passData();
    }
  }

  private add(byte: number): void {
    this.text[this.textLength] = byte;
    this.textLength += 1;
  }

  private passData(): void {
    if (this.passed === this.textLength) return;
    const data = this.text.subarray(this.passed, this.textLength);
    this.passed = this.textLength;
    this.sink.data(data);
  }

  private step(byte: number): void {
    switch (this.state) {
      case 'data':
        if (byte === COMMANDS.IAC) this.state = 'iac';
        else this.add(byte);
        return;
      case 'iac':
        this.afterIac(byte);
        return;
      case 'verb':
        this.state = 'data';
        this.passData();
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
        this.add(byte);
        return;
      default:
        // Not a command: the command was lost with TCP's urgent data, or this is not Telnet.
        if (byte < FIRST_COMMAND) this.add(byte);
        else if (this.sink.command) {
          this.passData();
          this.sink.command(byte);
        }
    }
  }

  private afterIacInside(byte: number): void {
    if (byte === COMMANDS.IAC) {
      this.state = 'sb';
      this.keep(byte);
      return;
    }
    this.passData();
    this.sink.subnegotiation(this.option, this.payload.slice(0, this.length));
    this.state = 'data';
    // Any other command also ends the subnegotiation: the sender omitted the SE.
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
