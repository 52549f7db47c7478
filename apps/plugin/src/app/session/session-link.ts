import { parseServerMessage, SUBPROTOCOLS, type ClientMessage } from '@remote-access/contracts';
import { Refusal } from '../ui/refusal';
import { gettext, type Words } from '../ui/words';
import { OutputValve } from './output-valve';
import { SessionMachine } from './session-machine';
import type { Ender, SessionState } from './session-state';

/** What a session needs of the page. */
export interface SessionPorts {
  requestTicket(): Promise<string | Refusal>;
  openSocket(ticket: string, subprotocol: string): WebSocket;
  nowMs(): number;
  /** Draws output; `drawn` is called when it is on the screen. */
  draw(bytes: Uint8Array<ArrayBuffer>, drawn: () => void): void;
  size(): { cols: number; rows: number };
  changed(state: SessionState): void;
}

/**
 * One session of one endpoint at a time: ticket, WebSocket, bytes both ways. Leaving closes the
 * WebSocket and types nothing.
 */
export class SessionLink {
  private readonly machine = new SessionMachine();
  private socket: WebSocket | undefined;
  /** Counts the attempts, so that what belongs to an earlier one is dropped. */
  private attempt = 0;

  constructor(private readonly ports: SessionPorts) {}

  get state(): SessionState {
    return this.machine.state;
  }

  async connect(): Promise<void> {
    if (this.state.phase === 'connecting' || this.state.phase === 'open') return;
    const attempt = ++this.attempt;
    this.machine.start(this.ports.nowMs());
    this.tell();
    const ticket = await this.ports.requestTicket();
    if (attempt !== this.attempt) return;
    if (ticket instanceof Refusal) {
      this.machine.refused(ticket);
      this.tell();
      return;
    }
    this.listen(this.ports.openSocket(ticket, SUBPROTOCOLS.v1), attempt);
  }

  type(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.state.phase === 'open') this.socket?.send(bytes);
  }

  /** Sends what a protocol says by itself, also while the session opens. */
  speak(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(bytes);
  }

  resize(cols: number, rows: number): void {
    this.send({ type: 'resize', cols, rows });
  }

  /** Ends the session at the user's wish, without waiting for the other end to agree. */
  disconnect(): void {
    this.send({ type: 'disconnect' });
    this.abandon();
  }

  /** Ends the session because what came cannot be shown. */
  giveUp(by: Ender, code: string, words: Words): void {
    this.machine.give(by, code, words);
    this.abandon();
  }

  /** Ends the session because the page goes away. */
  abandon(): void {
    this.attempt++;
    this.socket?.close(1000);
    this.socket = undefined;
    this.machine.leave();
    this.machine.closed(1000, '');
    this.tell();
  }

  private listen(socket: WebSocket, attempt: number): void {
    const current = () => attempt === this.attempt;
    const valve = new OutputValve(state => this.send({ type: 'flow', state }));
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      const { cols, rows } = this.ports.size();
      this.resize(cols, rows);
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (!current()) return;
      if (typeof data === 'string') this.hear(data);
      else this.show(new Uint8Array(data), valve);
    };
    socket.onclose = ({ code, reason }) => {
      if (!current()) return;
      this.socket = undefined;
      this.machine.closed(code, reason);
      this.tell();
    };
  }

  private hear(text: string): void {
    const message = parseServerMessage(text);
    if (!message) return;
    this.machine.message(message, this.ports.nowMs());
    this.tell();
  }

  private show(bytes: Uint8Array<ArrayBuffer>, valve: OutputValve): void {
    if (!valve.arrived(bytes.length)) {
      const text = gettext('The output came faster than this browser can show it.');
      this.giveUp('client', 'too-fast', { text });
      return;
    }
    this.ports.draw(bytes, () => valve.drawn(bytes.length));
  }

  private send(message: ClientMessage): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private tell(): void {
    this.ports.changed(this.machine.state);
  }
}
