import {
  parseServerMessage,
  SUBPROTOCOLS,
  type ClientMessage,
  type HostKeyAnswer,
  type ResumedMessage,
  type ResumeRequest,
  type ScreenMessage,
  type WatchersMessage,
  type WatchingMessage,
} from '@remote-access/contracts';
import { Refusal } from '../ui/refusal';
import { gettext, type Message } from '../ui/message';
import { FlowControl } from './flow-control';
import { KeptInput, MAX_HELD_BYTES } from './kept-input';
import { LatencyMeter, type Latency } from './latency-meter';
import { type Attempt, Reconnector } from './reconnector';
import { ResumeClaim } from './resume-claim';
import { isUnderWay, SessionMachine, type EndSource, type SessionState } from './session-machine';
import type { SessionTicket } from './ticket-client';

/** The service accepts messages of up to 1 MiB; smaller ones keep backpressure precise. */
const MAX_FRAME_BYTES = 64 * 1024;

/** An unstable connection that answers no ping for this long is given up. */
const MAX_SILENCE_MS = 5_000;

/** The service may notice the loss later than the page, and its waiting time starts then. */
const GRACE_MS = 60_000;

/**
 * For how long opening a new session is retried: as long as the user may still be interested in
 * what the last one showed.
 */
const BEGIN_AGAIN_MS = 10 * 60_000;

/** A new session that is lost sooner does not count as a success. */
const LEAST_DURATION_MS = 10_000;

/** Tells the service that the page gives up the connection but not the session. */
const CONNECTION_GIVEN_UP = 4_408;

const MEANWHILE_OVER = gettext('The session has ended in the meantime.');
const NOT_REACHED = gettext('The service could not be reached in time.');

/** A connection that replaces a lost one. */
interface Returning {
  isDone?: boolean;
  hasOpened?: boolean;
  /** @param isDone whether no further attempt is needed */
  done: (isDone: boolean) => void;
  /** The service has responded. */
  progressed(): void;
}

export interface SessionLinkOptions {
  /**
   * @param resume the session that the ticket is for, instead of a new one
   * @param isUnattended the user did not initiate this, so do not ask the user anything
   */
  requestTicket(resume?: ResumeRequest, isUnattended?: boolean): Promise<SessionTicket | Refusal>;
  openSocket(ticket: string, subprotocol: string): WebSocket;
  /** A WebSocket that resumes a session without a ticket; `undefined` if that is not possible. */
  resumingSocket(request: ResumeRequest): WebSocket | undefined;
  /** A ticket with which the session continues under the current sign-in, if there is one. */
  renewalTicket(): Promise<string | undefined>;
  /** Why a WebSocket could not be opened, if the page can tell. */
  refusedUpgrade(): Promise<Message | undefined>;
  nowMs(): number;
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
  private reconnector: Reconnector | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private cameBackAtMs = -Infinity;
  /** Whether sessions cannot be resumed without one. */
  private needsTicket = false;
  /** Whether anything was received while a ping is unanswered. */
  private isAlive = false;
  /** The network has changed: a single unanswered ping is enough to give up the connection. */
  private isDoubtful = false;
  /** Number of the current attempt. Events of earlier attempts are ignored. */
  private attempt = 0;

  constructor(private readonly options: SessionLinkOptions) {
    this.meter = new LatencyMeter({
      ping: id => this.send({ type: 'ping', id }),
      nowMs: () => options.nowMs(),
      changed: latency => {
        options.latencyChanged(latency);
        this.watchSilence(latency.unstable);
      },
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
  get resumePoint(): { claim: ResumeClaim; output: number } | undefined {
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
    this.reconnector?.now();
    if (this.state.phase !== 'open' || !this.comesBack) return;
    this.isDoubtful = true;
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
      // The ticket request already said so, but services of the previous release do not read it
      // there.
      const isNew = !returning && this.options.resumable;
      if (isNew) this.send({ type: 'keep', key: this.firstKey });
      this.send({ type: 'watchable' });
      if (isCurrent()) this.measure();
      this.options.connected();
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (!isCurrent()) return;
      this.isAlive = true;
      returning?.progressed();
      if (typeof data === 'string') this.receiveMessage(data);
      else this.receiveOutput(new Uint8Array(data));
      if (this.state.phase !== 'interrupted') this.cameBack(returning);
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
        this.cameBack(returning);
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
      const { id, gateway, gatewayMs, endpointMs } = message;
      return this.meter.pong(id, { gateway, gatewayMs, endpointMs });
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
    const number = this.attempt;
    const lastAtMs = untilMs + GRACE_MS;
    this.meter.reset();
    this.stopReconnecting();
    this.reconnector = new Reconnector(attempt => this.comeBack(claim, number, lastAtMs, attempt));
    this.notify();
    // A new session that ends right after it began is worse than none.
    const isHasty = !claim && this.options.nowMs() - this.cameBackAtMs < LEAST_DURATION_MS;
    if (isHasty) this.reconnector.later();
    else this.reconnector.now();
  }

  /** @returns whether no further attempt is needed */
  private async comeBack(
    claim: ResumeClaim | undefined,
    number: number,
    lastAtMs: number,
    { isCurrent, progressed }: Attempt,
  ): Promise<boolean> {
    this.giveUpConnection();
    const atOnce = await this.comeBackAtOnce(claim, number, { isCurrent, progressed });
    if (typeof atOnce === 'boolean') return atOnce;
    const request = claim?.request(this.flow.receivedTotal);
    const ticket = await this.options.requestTicket(request, true);
    if (number !== this.attempt) return true;
    if (!isCurrent()) return false;
    if (ticket instanceof Refusal) {
      const isLate = this.options.nowMs() > lastAtMs;
      if (isTransient(ticket) && !isLate) return false;
      this.notResumed(ticket);
      return true;
    }
    // A proxy, or a service of the release before, that does not let it through.
    if (atOnce === 'not-opened') this.needsTicket = true;
    if (request) claim?.attempting(request);
    else this.flow = this.newFlow();
    this.setClaim(claim);
    return new Promise(done =>
      this.attach(this.options.openSocket(ticket.ticket, SUBPROTOCOLS.v1), number, {
        done,
        progressed,
      }),
    );
  }

  /**
   * Resumes without a ticket, if that is possible.
   * @returns as {@link comeBack}; `not-opened` if the answer to the request for a ticket has to say why
   */
  private async comeBackAtOnce(
    claim: ResumeClaim | undefined,
    number: number,
    { isCurrent, progressed }: Attempt,
  ): Promise<boolean | 'not-opened' | undefined> {
    // Browsers put WebSockets off after many that failed.
    if (this.needsTicket || !navigator.onLine || !claim) return undefined;
    const request = claim.request(this.flow.receivedTotal);
    const socket = this.options.resumingSocket(request);
    if (!socket) return undefined;
    claim.attempting(request);
    this.setClaim(claim);
    const returning: Returning = { done: () => undefined, progressed };
    const isDone = await new Promise<boolean>(done => {
      returning.done = done;
      this.attach(socket, number, returning);
    });
    if (isDone || returning.hasOpened || number !== this.attempt || !isCurrent()) return isDone;
    return 'not-opened';
  }

  private cameBack(returning: Returning | undefined): void {
    if (!returning || returning.isDone) return;
    returning.isDone = true;
    this.cameBackAtMs = this.options.nowMs();
    returning.done(true);
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
    this.reconnector?.stop();
    this.reconnector = undefined;
    clearTimeout(this.silence);
    this.silence = undefined;
    this.isDoubtful = false;
  }

  /** Some networks accept what is sent and return nothing, for minutes. */
  private watchSilence(isUnstable: boolean): void {
    if (!isUnstable) {
      clearTimeout(this.silence);
      this.silence = undefined;
      this.isDoubtful = false;
    } else if (this.comesBack) {
      this.isAlive = false;
      const ms = this.isDoubtful ? 0 : MAX_SILENCE_MS;
      this.silence ??= setTimeout(() => this.judgeSilence(), ms);
    }
  }

  /** A pong may be late only because a picture arrives before it. */
  private judgeSilence(): void {
    this.silence = undefined;
    if (this.isAlive) this.watchSilence(true);
    else this.connectionLost();
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

/** Whether the same request may soon receive a different answer. */
function isTransient({ status, code }: Refusal): boolean {
  const isServiceAway = status === 404 && code === undefined;
  return status === 0 || status >= 500 || status === 429 || isServiceAway;
}
