import {
  parseServerMessage,
  SUBPROTOCOLS,
  type ClientMessage,
  type HostKeyAnswer,
} from '@remote-access/contracts';
import { Refusal } from '../ui/refusal';
import { gettext, type Words } from '../ui/words';
import { LatencyMeter, type Latency } from './latency-meter';
import { OutputTally } from './output-tally';
import { SessionMachine } from './session-machine';
import type { Ender, SessionState } from './session-state';

/** What a session needs of the page. */
export interface SessionPorts {
  requestTicket(): Promise<string | Refusal>;
  openSocket(ticket: string, subprotocol: string): WebSocket;
  nowMs(): number;
  /** Shows output; `drawn` is called when it has been taken in. */
  draw(bytes: Uint8Array<ArrayBuffer>, drawn: () => void): void;
  /** The size of a terminal, which the far end is told; none for what is no terminal. */
  size(): { cols: number; rows: number } | undefined;
  changed(state: SessionState): void;
  measured(latency: Latency): void;
}

/**
 * One session of one endpoint at a time: ticket, WebSocket, bytes both ways. Leaving closes the
 * WebSocket and types nothing.
 */
export class SessionLink {
  private readonly machine = new SessionMachine();
  private readonly meter: LatencyMeter;
  private socket: WebSocket | undefined;
  private seen = true;
  /** Counts the attempts, so that what belongs to an earlier one is dropped. */
  private attempt = 0;

  constructor(private readonly ports: SessionPorts) {
    this.meter = new LatencyMeter({
      ping: id => this.send({ type: 'ping', id }),
      nowMs: () => ports.nowMs(),
      changed: latency => ports.measured(latency),
    });
  }

  get state(): SessionState {
    return this.machine.state;
  }

  async connect(): Promise<void> {
    if (this.state.phase === 'connecting' || this.state.phase === 'open') return;
    const attempt = ++this.attempt;
    this.machine.start(this.ports.nowMs());
    this.meter.reset();
    this.tell();
    const ticket = await this.ports.requestTicket();
    if (attempt !== this.attempt) return;
    if (ticket instanceof Refusal) {
      this.machine.refused(ticket, this.ports.nowMs());
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

  sendBreak(): void {
    this.send({ type: 'break' });
  }

  /** Answers the prompt that is open. */
  answer(id: number, answers: string[]): void {
    this.send({ type: 'answers', id, answers });
    this.machine.answered();
    this.tell();
  }

  answerHostKey(answer: HostKeyAnswer): void {
    this.send({ type: 'host-key-answer', answer });
    this.machine.answered();
    this.tell();
  }

  /** Whether anybody looks at the page: the round trip is measured for people only. */
  watched(seen: boolean): void {
    this.seen = seen;
    this.measure();
  }

  /** Ends the session at the user's wish, without waiting for the other end to agree. */
  disconnect(): void {
    this.send({ type: 'disconnect' });
    this.abandon();
  }

  /** Ends the session because what came cannot be shown. */
  giveUp(by: Ender, code: string, words: Words): void {
    this.machine.give(by, code, words, this.ports.nowMs());
    this.abandon();
  }

  /** Ends the session because the page goes away. */
  abandon(): void {
    this.attempt++;
    this.socket?.close(1000);
    this.socket = undefined;
    this.machine.leave();
    this.machine.closed(1000, '', this.ports.nowMs());
    this.tell();
  }

  private listen(socket: WebSocket, attempt: number): void {
    const current = () => attempt === this.attempt;
    const tally = new OutputTally(bytes => {
      if (current()) this.send({ type: 'ack', bytes });
    });
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      const size = this.ports.size();
      if (size) this.resize(size.cols, size.rows);
      tally.begin();
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (!current()) return;
      if (typeof data === 'string') this.hear(data);
      else this.show(new Uint8Array(data), tally);
    };
    socket.onclose = ({ code, reason }) => {
      if (!current()) return;
      this.socket = undefined;
      this.machine.closed(code, reason, this.ports.nowMs());
      this.tell();
    };
  }

  private hear(text: string): void {
    const message = parseServerMessage(text);
    if (!message) return;
    if (message.type === 'pong') return this.meter.pong(message.id);
    this.machine.message(message, this.ports.nowMs());
    this.tell();
  }

  private show(bytes: Uint8Array<ArrayBuffer>, tally: OutputTally): void {
    if (!tally.arrived(bytes.length)) {
      const text = gettext('The output came faster than this browser can show it.');
      this.giveUp('client', 'too-fast', { text });
      return;
    }
    this.ports.draw(bytes, () => tally.drawn(bytes.length));
  }

  private send(message: ClientMessage): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private measure(): void {
    if (this.seen && this.state.phase === 'open') this.meter.run();
    else this.meter.pause();
  }

  private tell(): void {
    this.measure();
    this.ports.changed(this.machine.state);
  }
}
