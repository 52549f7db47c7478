import {
  parseServerMessage,
  SUBPROTOCOLS,
  type ClientMessage,
  type HostKeyAnswer,
} from '@remote-access/contracts';
import { Refusal } from '../ui/refusal';
import { gettext, type Message } from '../ui/message';
import { FlowControl } from './flow-control';
import { LatencyMeter, type Latency } from './latency-meter';
import { isUnderWay, SessionMachine, type EndSource, type SessionState } from './session-machine';

/** The service reads messages of up to 1 MiB; smaller ones keep backpressure exact. */
const MAX_FRAME_BYTES = 64 * 1024;

export interface SessionLinkOptions {
  requestTicket(): Promise<string | Refusal>;
  openSocket(ticket: string, subprotocol: string): WebSocket;
  /** A ticket with which the session continues under the present sign-in, if there is one. */
  renewalTicket(): Promise<string | undefined>;
  /** Why a WebSocket did not open, if the page can tell. */
  refusedUpgrade(): Promise<Message | undefined>;
  nowMs(): number;
  /** Draws output in order, and calls `drawn` once it is processed. */
  draw(bytes: Uint8Array<ArrayBuffer>, drawn: () => void): void;
  /** The size of the terminal, in cells. */
  size(): { cols: number; rows: number };
  stateChanged(state: SessionState): void;
  latencyChanged(latency: Latency): void;
}

/**
 * Connects the page with one endpoint, one session at a time: requests a ticket, opens the
 * WebSocket, and carries bytes and messages both ways. Leaving closes the WebSocket and sends no
 * input.
 */
export class SessionLink {
  private readonly machine = new SessionMachine();
  private readonly meter: LatencyMeter;
  private socket: WebSocket | undefined;
  private visible = true;
  /** Number of the current attempt. Events of earlier attempts are ignored. */
  private attempt = 0;

  constructor(private readonly options: SessionLinkOptions) {
    this.meter = new LatencyMeter({
      ping: id => this.send({ type: 'ping', id }),
      nowMs: () => options.nowMs(),
      changed: latency => options.latencyChanged(latency),
    });
  }

  get state(): SessionState {
    return this.machine.state;
  }

  async connect(): Promise<void> {
    if (isUnderWay(this.state)) return;
    const attempt = ++this.attempt;
    this.machine.start(this.options.nowMs());
    this.meter.reset();
    this.notify();
    const ticket = await this.options.requestTicket();
    if (attempt !== this.attempt) return;
    if (ticket instanceof Refusal) {
      this.machine.refused(ticket, this.options.nowMs());
      this.notify();
      return;
    }
    this.attach(this.options.openSocket(ticket, SUBPROTOCOLS.v1), attempt);
  }

  /** Sends what the user types. Dropped unless the session is open. */
  sendInput(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.state.phase === 'open') this.sendBytes(bytes);
  }

  /** Sends bytes of a protocol that the viewer speaks itself, such as the VNC handshake. */
  sendProtocolBytes(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.sendBytes(bytes);
  }

  resize(cols: number, rows: number): void {
    this.send({ type: 'resize', cols, rows });
  }

  sendBreak(): void {
    this.send({ type: 'break' });
  }

  /** The user is still there. */
  stay(): void {
    this.send({ type: 'stay' });
  }

  answerPrompt(id: number, answers: string[]): void {
    this.send({ type: 'answers', id, answers });
    this.machine.answered();
    this.notify();
  }

  answerHostKey(answer: HostKeyAnswer): void {
    this.send({ type: 'host-key-answer', answer });
    this.machine.answered();
    this.notify();
  }

  /** Pauses the latency meter while the page is hidden. */
  setVisible(visible: boolean): void {
    this.visible = visible;
    this.measure();
  }

  /**
   * Has the session reviewed with the user's present sign-in: the one with which it began may have
   * been replaced, and the service ends sessions whose sign-in was revoked.
   */
  async renewSignIn(): Promise<void> {
    if (this.state.phase !== 'open') return;
    const attempt = this.attempt;
    const ticket = await this.options.renewalTicket();
    if (ticket !== undefined && attempt === this.attempt) this.send({ type: 'renew', ticket });
  }

  /** Ends the session at the user's request, without waiting for the service. */
  disconnect(): void {
    this.send({ type: 'disconnect' });
    this.close();
  }

  /** Ends the session because the page cannot show what it received. */
  giveUp(by: EndSource, code: string, message: Message): void {
    this.machine.giveUp(by, code, message, this.options.nowMs());
    this.close();
  }

  /** Ends the session because the page is closed. */
  close(): void {
    this.attempt++;
    this.socket?.close(1000);
    this.socket = undefined;
    this.machine.leave(this.options.nowMs());
    this.notify();
  }

  private attach(socket: WebSocket, attempt: number): void {
    const isCurrent = () => attempt === this.attempt;
    const flow = new FlowControl(bytes => {
      if (isCurrent()) this.send({ type: 'ack', bytes });
    });
    let hasOpened = false;
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      hasOpened = true;
      const { cols, rows } = this.options.size();
      this.resize(cols, rows);
      flow.start();
      if (isCurrent()) this.measure();
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (!isCurrent()) return;
      if (typeof data === 'string') this.receiveMessage(data);
      else this.receiveOutput(new Uint8Array(data), flow);
    };
    socket.onclose = ({ code, reason }) => {
      if (!isCurrent()) return;
      this.socket = undefined;
      if (hasOpened) {
        this.machine.closed(code, reason, this.options.nowMs());
        this.notify();
      } else {
        void this.upgradeFailed(code, reason, attempt);
      }
    };
  }

  /** The browser does not tell the page with which status an upgrade was refused. */
  private async upgradeFailed(code: number, reason: string, attempt: number): Promise<void> {
    const message = await this.options.refusedUpgrade();
    if (attempt !== this.attempt) return;
    const nowMs = this.options.nowMs();
    if (message) this.machine.giveUp('platform', 'upgrade-refused', message, nowMs);
    else this.machine.closed(code, reason, nowMs);
    this.notify();
  }

  private receiveMessage(text: string): void {
    const message = parseServerMessage(text);
    if (!message) return;
    if (message.type === 'pong') {
      const { id, gateway, gatewayMs, endpointMs } = message;
      return this.meter.pong(id, { gateway, gatewayMs, endpointMs });
    }
    this.machine.message(message, this.options.nowMs());
    this.notify();
  }

  private receiveOutput(bytes: Uint8Array<ArrayBuffer>, flow: FlowControl): void {
    if (!flow.received(bytes.length)) {
      const text = gettext('The output arrived faster than this browser can display it.');
      this.giveUp('client', 'too-fast', { text });
      return;
    }
    this.options.draw(bytes, () => flow.drawn(bytes.length));
  }

  private sendBytes(bytes: Uint8Array<ArrayBuffer>): void {
    for (let at = 0; at < bytes.length; at += MAX_FRAME_BYTES) {
      this.socket?.send(bytes.subarray(at, at + MAX_FRAME_BYTES));
    }
  }

  private send(message: ClientMessage): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private measure(): void {
    const { phase } = this.state;
    const isAnswered = this.socket?.readyState === WebSocket.OPEN && isUnderWay(this.state);
    if (this.visible && isAnswered) this.meter.run(phase === 'connecting');
    else this.meter.pause();
  }

  private notify(): void {
    this.measure();
    this.options.stateChanged(this.machine.state);
  }
}
