import { escaped, NvtReader } from './nvt-text';
import { OptionNegotiator } from './option-negotiator';
import { subnegotiation, type WindowSize } from './subnegotiation';
import { COMMANDS, IS, OPTIONS, SEND } from './telnet-codes';
import { TelnetParser } from './telnet-parser';

const ETX = 3;

export interface TelnetServerEvents {
  /** Input from the client; an interrupt arrives as Ctrl+C. */
  typed(bytes: Uint8Array): void;
  send(bytes: Uint8Array): void;
  sizeIs(size: WindowSize): void;
  terminalTypeIs(name: string): void;
  breakReceived(): void;
}

/** The server's end of a Telnet connection, in character mode with remote echo. */
export class TelnetServer {
  private readonly parser = new TelnetParser({
    data: bytes => this.pass(bytes),
    command: command => this.obey(command),
    negotiation: (verb, option) => this.negotiator.receive(verb, option),
    subnegotiation: (option, payload) => this.learn(option, payload),
  });
  private readonly reader = new NvtReader();
  private readonly negotiator = new OptionNegotiator({
    agreed: {
      local: [OPTIONS.BINARY, OPTIONS.ECHO, OPTIONS.SGA],
      remote: [OPTIONS.BINARY, OPTIONS.SGA, OPTIONS.TERMINAL_TYPE, OPTIONS.NAWS],
    },
    send: (verb, option) => this.events.send(Uint8Array.of(COMMANDS.IAC, verb, option)),
    changed: (side, option, isOn) => {
      if (side !== 'remote') return;
      if (option === OPTIONS.BINARY) this.reader.reset();
      if (option === OPTIONS.TERMINAL_TYPE && isOn) {
        this.events.send(subnegotiation(OPTIONS.TERMINAL_TYPE, [SEND]));
      }
    },
  });

  constructor(private readonly events: TelnetServerEvents) {}

  /** Starts the negotiation. */
  start(): void {
    this.negotiator.enable('local', OPTIONS.ECHO);
    this.negotiator.enable('local', OPTIONS.SGA);
    this.negotiator.enable('remote', OPTIONS.NAWS);
    this.negotiator.enable('remote', OPTIONS.TERMINAL_TYPE);
  }

  /** @throws RemoteAccessError `target-failed` if the client violates the protocol */
  receive(bytes: Uint8Array): void {
    this.parser.feed(bytes);
  }

  /** @param bytes output with CR LF at line ends */
  show(bytes: Uint8Array): void {
    const binary = this.negotiator.isOn('local', OPTIONS.BINARY);
    if (bytes.length > 0) this.events.send(escaped(bytes, { binary }));
  }

  private pass(bytes: Uint8Array): void {
    this.negotiator.allowMore();
    const binary = this.negotiator.isOn('remote', OPTIONS.BINARY);
    const typed = binary ? bytes : this.reader.read(bytes);
    if (typed.length > 0) this.events.typed(typed);
  }

  private obey(command: number): void {
    switch (command) {
      case COMMANDS.INTERRUPT_PROCESS:
        return this.events.typed(Uint8Array.of(ETX));
      case COMMANDS.BREAK:
        return this.events.breakReceived();
      case COMMANDS.ARE_YOU_THERE:
        return this.show(new TextEncoder().encode('\r\n[yes]\r\n'));
    }
  }

  private learn(option: number, payload: Uint8Array): void {
    if (!this.negotiator.isOn('remote', option)) return;
    if (option === OPTIONS.NAWS && payload.length === 4) {
      const [colsHigh = 0, cols = 0, rowsHigh = 0, rows = 0] = payload;
      this.events.sizeIs({ cols: colsHigh * 256 + cols, rows: rowsHigh * 256 + rows });
    }
    if (option === OPTIONS.TERMINAL_TYPE && payload[0] === IS) {
      this.events.terminalTypeIs(String.fromCharCode(...payload.subarray(1)));
    }
  }
}
