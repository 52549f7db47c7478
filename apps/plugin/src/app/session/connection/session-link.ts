import {
  parseServerMessage,
  SUBPROTOCOLS,
  type ClientMessage,
  type HostKeyAnswer,
  type ResumedMessage,
  type ScreenMessage,
  type WatchersMessage,
  type WatchingMessage,
} from '@remote-access/contracts';
import { Refusal } from '../../ui/refusal';
import { gettext, type Message } from '../../ui/message';
import { FlowControl } from './flow-control';
import { KeptInput, MAX_HELD_BYTES } from './kept-input';
import type { ResumePoint } from './saved-session';
import { LatencyMeter, type Latency } from './latency-meter';
import { ResumeClaim } from './resume-claim';
import { isTransient, SessionRecovery, type Connecting, type Returning } from './session-recovery';
import { SilenceWatch } from './silence-watch';
import { isUnderWay, SessionMachine, type EndSource, type SessionState } from './session-machine';

/** The service accepts messages of up to 1 MiB; smaller ones keep backpressure precise. */
const MAX_FRAME_BYTES = 64 * 1024;

/**
 * For how long opening a new session is retried: as long as the user may still be interested in
 * what the last one showed.
 */
const BEGIN_AGAIN_MS = 10 * 60_000;

/** Tells the service that the page gives up the connection but not the session. */
const CONNECTION_GIVEN_UP = 4_408;

const MEANWHILE_OVER = gettext('The session has ended in the meantime.');
const NOT_REACHED = gettext('The service could not be reached in time.');

export interface SessionLinkOptions extends Connecting {
  /** A ticket with which the session continues under the current sign-in, if there is one. */
  renewalTicket(): Promise<string | undefined>;
  /** Why a WebSocket could not be opened, if the page can tell. */
  refusedUpgrade(): Promise<Message | undefined>;
  /** Draws output in order, and calls `drawn` once it is processed. */
  draw(bytes: Uint8Array<ArrayBuffer>, drawn: () => void): void;
  /** A WebSocket is open, and the service has been told the size. */
  connected(): void;
  /** The size of the terminal, in cells. */
  size(): { cols: number; rows: number };
  /** Whether the viewer can continue in the middle of the output. */
  readonly resumable: boolean;
  /**
   * Whether a new session replaces one whose connection was lost, because the far end will show the
   * same again.
   */
  beginsAgain(): boolean;
  /** The claim to the running session was created, changed or removed. */
  claimChanged(claim: ResumeClaim | undefined): void;
  /** What is displayed, for watchers; `undefined` if it cannot be serialized. */
  screen(): Pick<ScreenMessage, 'cols' | 'rows' | 'data'> | undefined;
  /** Who watches the session. */
  watchersChanged(watchers: WatchersMessage): void;
  /** How another user's session is being watched. */
  watchingChanged(watching: WatchingMessage): void;
  stateChanged(state: SessionState): void;
  latencyChanged(latency: Latency): void;
}

/**
 * Connects the page with one endpoint, one session at a time: requests a ticket, opens the
 * WebSocket, and transfers bytes and messages in both directions. If the connection breaks, it
 * resumes the session on another one, provided that the service keeps it; a desktop is shown again
 * by a new session. Leaving closes the WebSocket and sends no input.
 */
export class SessionLink {
  private readonly machine = new SessionMachine();
  private readonly meter: LatencyMeter;
  private socket: WebSocket | undefined;
  private visible = true;
  private flow = new FlowControl(() => undefined);
  private input = new KeptInput();
  private claim: ResumeClaim | undefined;
  /** The key with which the session can be resumed, if the service keeps it. */
  private firstKey = '';
  private readonly silence = new SilenceWatch(
    () => this.comesBack,
    () => this.connectionLost(),
  );
  private readonly recovery: SessionRecovery;
  /** Number of the current attempt. Events of earlier attempts are ignored. */
  private attempt = 0;

  constructor(private readonly options: SessionLinkOptions) {
    this.meter = new LatencyMeter({
      ping: id => this.send({ type: 'ping', id }),
      nowMs: () => options.nowMs(),
      changed: latency => {
        options.latencyChanged(latency);
        this.silence.measured(latency.unstable);
      },
    });
    this.recovery = new SessionRecovery(options, {
      attempt: () => this.attempt,
      receivedTotal: () => this.flow.receivedTotal,
      giveUpConnection: () => this.giveUpConnection(),
      startOver: () => (this.flow = this.newFlow()),
      attempting: claim => this.setClaim(claim),
      attach: (socket, attempt, returning) => this.attach(socket, attempt, returning),
      refused: refusal => this.notResumed(refusal),
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
    this.setClaim(undefined);
    this.input = new KeptInput();
    this.flow = this.newFlow();
    this.notify();
    const ticket = await this.options.requestTicket();
    if (attempt !== this.attempt) return;
    if (ticket instanceof Refusal) {
      this.machine.refused(ticket, this.options.nowMs());
      this.notify();
      return;
    }
    this.firstKey = ticket.resumeKey;
    this.attach(this.options.openSocket(ticket.ticket, SUBPROTOCOLS.v1), attempt);
  }

  /**
   * Resumes the session that the page had before it was reloaded.
   * @param output offset up to which the screen includes the output
   */
  restore(claim: ResumeClaim, output: number): void {
    if (isUnderWay(this.state)) return;
    this.attempt++;
    this.input = new KeptInput(false);
    this.flow = this.newFlow();
    this.flow.continueAt(output);
    this.setClaim(claim);
    const nowMs = this.options.nowMs();
    const keptUntilMs = nowMs + claim.seconds * 1_000;
    this.machine.restoring(nowMs, keptUntilMs);
    this.reconnect(claim, keptUntilMs);
  }

  /** What the page needs to resume after a reload. */
  get resumePoint(): ResumePoint | undefined {
    return this.claim && { claim: this.claim, output: this.flow.drawnTotal };
  }

  /**
   * Sends what the user types, or holds it while the connection is lost. In other states it is
   * dropped.
   */
  sendInput(bytes: Uint8Array<ArrayBuffer>): void {
    const { phase } = this.state;
    if (phase === 'open') {
      // Without a claim nobody acknowledges input, and nobody will resume.
      const isKept = this.claim !== undefined || this.input.size < MAX_HELD_BYTES;
      if (this.options.resumable && isKept) this.input.sent(bytes);
      this.sendBytes(bytes);
    } else if (phase === 'interrupted') {
      const hasRoom = this.input.hold(bytes);
      this.machine.held(this.input.held, !hasRoom);
      this.notify();
    }
  }

  /** Discards what was typed while the connection is lost. */
  discardHeldInput(): void {
    this.input.discardHeld();
    this.machine.held(0, false);
    this.notify();
  }

  /** The browser reports that the network is back, or the user asks to try again. */
  networkIsBack(): void {
    this.recovery.now();
    if (this.state.phase !== 'open' || !this.comesBack) return;
    this.silence.doubt();
    this.meter.pause();
    this.measure();
  }

  /** Sends bytes of a protocol that the viewer itself speaks, such as the VNC handshake. */
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

  /** Allows or refuses a watcher. */
  answerWatcher(id: number, allow: boolean): void {
    this.send({ type: 'watch-answer', id, allow });
  }

  /** @param watcher the watcher who may type from now on; `null` if only the user may */
  giveKeyboard(watcher: number | null): void {
    this.send({ type: 'keyboard', watcher });
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
   * Has the session reviewed with the user's current sign-in: the one with which it began may have
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
    this.stopReconnecting();
    this.setClaim(undefined);
    this.socket?.close(1000);
    this.socket = undefined;
    this.machine.leave(this.options.nowMs());
    this.notify();
  }

  /** @param returning is informed about a connection that replaces a lost one */
  private attach(socket: WebSocket, attempt: number, returning?: Returning): void {
    const isCurrent = () => attempt === this.attempt && socket === this.socket;
    let hasOpened = false;
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      hasOpened = true;
      if (returning) returning.hasOpened = true;
      const { cols, rows } = this.options.size();
      this.resize(cols, rows);
      this.flow.report();
      // The ticket request has said so already, but the previous release of the service ignores it
      // there.
      const isNew = !returning && this.options.resumable;
      if (isNew) this.send({ type: 'keep', key: this.firstKey });
      this.send({ type: 'watchable' });
      if (isCurrent()) this.measure();
      this.options.connected();
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (!isCurrent()) return;
      this.silence.heard();
      returning?.progressed();
      if (typeof data === 'string') this.receiveMessage(data);
      else this.receiveOutput(new Uint8Array(data));
      if (this.state.phase !== 'interrupted') this.recovery.cameBack(returning);
    };
    socket.onclose = ({ code, reason }) => {
      if (!isCurrent()) return;
      this.socket = undefined;
      const hasVanished = this.machine.hasVanished(code, reason);
      if (this.state.phase === 'interrupted' && (this.claim || hasVanished)) {
        returning?.done(false);
      } else if (this.state.phase === 'open' && this.claim && !this.state.error) {
        this.connectionLost();
      } else if (this.comesBack && hasVanished) {
        this.connectionLost();
      } else if (hasOpened) {
        this.machine.closed(code, reason, this.options.nowMs());
        this.recovery.cameBack(returning);
        this.notify();
      } else {
        void this.upgradeFailed(code, reason, attempt);
      }
    };
  }

  /** The browser does not reveal the status with which an upgrade was refused. */
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
      const { id, gateway, gatewayMs, endpoint, endpointMs } = message;
      return this.meter.pong(id, { gateway, gatewayMs, endpoint, endpointMs });
    }
    if (message.type === 'input') return this.input.acknowledge(message.bytes);
    if (message.type === 'screen-wanted') return this.writeDownScreen(message.id);
    if (message.type === 'watchers') return this.options.watchersChanged(message);
    if (message.type === 'watching') return this.options.watchingChanged(message);
    if (message.type === 'kept') {
      this.setClaim(new ResumeClaim(message.sessionId, message.seconds, [this.firstKey]));
    }
    this.machine.message(message, this.options.nowMs());
    if (message.type === 'resumed') this.goOn(message);
    if (message.type === 'ended') this.setClaim(undefined);
    this.notify();
  }

  private writeDownScreen(id: number): void {
    const screen = this.options.screen();
    if (screen) this.send({ type: 'screen', id, output: this.flow.drawnTotal, ...screen });
  }

  /** The service has resumed the session: sends input that it has not received. */
  private goOn({ input, output, seconds }: ResumedMessage): void {
    this.claim?.succeeded(seconds);
    this.setClaim(this.claim);
    this.flow.continueAt(output);
    this.input.acknowledge(input);
    for (const chunk of this.input.rest()) this.sendBytes(chunk);
  }

  /** Whether the page tries to reconnect when the connection of an open session is lost. */
  private get comesBack(): boolean {
    if (this.state.phase !== 'open') return false;
    return this.claim !== undefined || this.options.beginsAgain();
  }

  /** The session waits while the page tries to reconnect, or a new session replaces it. */
  private connectionLost(): void {
    if (!this.comesBack) return;
    const { claim } = this;
    this.giveUpConnection();
    const nowMs = this.options.nowMs();
    const keptUntilMs = claim && nowMs + claim.seconds * 1_000;
    this.machine.interrupted(keptUntilMs);
    this.reconnect(claim, keptUntilMs ?? nowMs + BEGIN_AGAIN_MS);
  }

  /** @param claim to the waiting session; a new session is opened if there is none */
  private reconnect(claim: ResumeClaim | undefined, untilMs: number): void {
    this.meter.reset();
    this.stopReconnecting();
    this.notify();
    this.recovery.start(claim, untilMs);
  }

  private giveUpConnection(): void {
    this.socket?.close(CONNECTION_GIVEN_UP);
    this.socket = undefined;
  }

  private notResumed(refusal: Refusal): void {
    const nowMs = this.options.nowMs();
    const isOver = refusal.code === 'session-not-found';
    if (isOver || isTransient(refusal)) {
      const text = isOver ? MEANWHILE_OVER : NOT_REACHED;
      this.machine.giveUp('network', 'not-resumed', { text }, nowMs);
    } else this.machine.refused(refusal, nowMs);
    this.setClaim(undefined);
    this.notify();
  }

  private setClaim(claim: ResumeClaim | undefined): void {
    if (!claim && !this.claim) return;
    this.claim = claim;
    this.options.claimChanged(claim);
  }

  private stopReconnecting(): void {
    this.recovery.stop();
    this.silence.stop();
  }

  private newFlow(): FlowControl {
    const flow: FlowControl = new FlowControl(bytes => {
      if (flow === this.flow) this.send({ type: 'ack', bytes });
    });
    return flow;
  }

  private receiveOutput(bytes: Uint8Array<ArrayBuffer>): void {
    const { flow } = this;
    if (!flow.received(bytes.length)) {
      const text = gettext('The output arrived faster than this browser can display it.');
      this.giveUp('client', 'too-fast', { text });
      return;
    }
    this.options.draw(bytes, () => flow.hasDrawn(bytes.length));
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
