import { SUBPROTOCOLS, type ResumeRequest } from '@remote-access/contracts';
import { Refusal } from '../../ui/refusal';
import { type Attempt, Reconnector } from './reconnector';
import type { ResumeClaim } from './resume-claim';
import type { SessionTicket } from './ticket-client';

/** The service may notice the loss later than the page, and its waiting time starts then. */
const GRACE_MS = 60_000;

/** A new session that is lost sooner does not count as a success. */
const LEAST_DURATION_MS = 10_000;

/** A connection that replaces a lost one. */
export interface Returning {
  isDone?: boolean;
  hasOpened?: boolean;
  /** @param isDone whether no further attempt is needed */
  done: (isDone: boolean) => void;
  /** The service has responded. */
  progressed(): void;
}

/** How connections are opened. */
export interface Connecting {
  /**
   * @param resume the session that the ticket is for, instead of a new one
   * @param isUnattended the user did not initiate this, so do not ask the user anything
   */
  requestTicket(resume?: ResumeRequest, isUnattended?: boolean): Promise<SessionTicket | Refusal>;
  openSocket(ticket: string, subprotocol: string): WebSocket;
  /** A WebSocket that resumes a session without a ticket; `undefined` if that is not possible. */
  resumingSocket(request: ResumeRequest): WebSocket | undefined;
  nowMs(): number;
}

/** The link whose connection was lost. */
export interface RecoveringLink {
  /** Number of the link's current attempt; if it changes, the recovery is over. */
  attempt(): number;
  /** How much output was received. */
  receivedTotal(): number;
  giveUpConnection(): void;
  /** A new session will begin instead of the lost one. */
  startOver(): void;
  /** @param claim with the request that is being attempted */
  attempting(claim: ResumeClaim | undefined): void;
  attach(socket: WebSocket, attempt: number, returning: Returning): void;
  /** No further attempt is made. */
  refused(refusal: Refusal): void;
}

/**
 * Replaces a lost connection: resumes the session, without a ticket if possible, or opens a new
 * session if none is waiting. Attempts are repeated until one succeeds or none can.
 */
export class SessionRecovery {
  private reconnector: Reconnector | undefined;
  private cameBackAtMs = -Infinity;
  /** Whether sessions can be resumed only with a ticket. */
  private needsTicket = false;

  constructor(
    private readonly options: Connecting,
    private readonly link: RecoveringLink,
  ) {}

  /**
   * @param claim to the waiting session; a new session is opened if there is none
   * @param untilMs for how long the session waits, or opening a new one is worthwhile
   */
  start(claim: ResumeClaim | undefined, untilMs: number): void {
    const number = this.link.attempt();
    const lastAtMs = untilMs + GRACE_MS;
    this.reconnector = new Reconnector(attempt => this.comeBack(claim, number, lastAtMs, attempt));
    // A new session that ends right after it began is worse than none.
    const isHasty = !claim && this.options.nowMs() - this.cameBackAtMs < LEAST_DURATION_MS;
    if (isHasty) this.reconnector.later();
    else this.reconnector.now();
  }

  /** Tries again immediately, if a connection is being replaced. */
  now(): void {
    this.reconnector?.now();
  }

  stop(): void {
    this.reconnector?.stop();
    this.reconnector = undefined;
  }

  /** The connection has replaced the lost one, or the session has ended on it. */
  cameBack(returning: Returning | undefined): void {
    if (!returning || returning.isDone) return;
    returning.isDone = true;
    this.cameBackAtMs = this.options.nowMs();
    returning.done(true);
  }

  /** @returns whether no further attempt is needed */
  private async comeBack(
    claim: ResumeClaim | undefined,
    number: number,
    lastAtMs: number,
    { isCurrent, progressed }: Attempt,
  ): Promise<boolean> {
    const { link, options } = this;
    link.giveUpConnection();
    const atOnce = await this.comeBackAtOnce(claim, number, { isCurrent, progressed });
    if (typeof atOnce === 'boolean') return atOnce;
    const request = claim?.request(link.receivedTotal());
    const ticket = await options.requestTicket(request, true);
    if (number !== link.attempt()) return true;
    if (!isCurrent()) return false;
    if (ticket instanceof Refusal) {
      const isLate = options.nowMs() > lastAtMs;
      if (isTransient(ticket) && !isLate) return false;
      link.refused(ticket);
      return true;
    }
    // A proxy or the previous release of the service does not accept resuming without a ticket.
    if (atOnce === 'not-opened') this.needsTicket = true;
    if (request) claim?.attempting(request);
    else link.startOver();
    link.attempting(claim);
    return new Promise(done =>
      link.attach(options.openSocket(ticket.ticket, SUBPROTOCOLS.v1), number, { done, progressed }),
    );
  }

  /**
   * Resumes without a ticket, if that is possible.
   * @returns as {@link comeBack}; `not-opened` if the WebSocket did not open, so that the ticket
   *   request has to tell why
   */
  private async comeBackAtOnce(
    claim: ResumeClaim | undefined,
    number: number,
    { isCurrent, progressed }: Attempt,
  ): Promise<boolean | 'not-opened' | undefined> {
    const { link } = this;
    // Browsers delay new WebSockets after many have failed.
    if (this.needsTicket || !navigator.onLine || !claim) return undefined;
    const request = claim.request(link.receivedTotal());
    const socket = this.options.resumingSocket(request);
    if (!socket) return undefined;
    claim.attempting(request);
    link.attempting(claim);
    const returning: Returning = { done: () => undefined, progressed };
    const isDone = await new Promise<boolean>(done => {
      returning.done = done;
      link.attach(socket, number, returning);
    });
    if (isDone || returning.hasOpened || number !== link.attempt() || !isCurrent()) return isDone;
    return 'not-opened';
  }
}

/** Whether the same request may soon receive a different answer. */
export function isTransient({ status, code }: Refusal): boolean {
  const isServiceAway = status === 404 && code === undefined;
  return status === 0 || status >= 500 || status === 429 || isServiceAway;
}
