import {
  resumeOffer,
  SUBPROTOCOLS,
  type ResumeRequest,
  type ShownSettings,
  type Ticket,
  type TicketBody,
  type WatchRequest,
} from '@remote-access/contracts';
import type { PlatformAnswer, PlatformCalls } from '../../host/platform-calls';
import { Refusal } from '../../ui/refusal';
import { gettext, type Message } from '../../ui/message';
import { newResumeKey } from './resume-claim';

/**
 * How often the notice is shown again if it changes while the user reads it. After that the refusal
 * is shown, because somebody is editing the notice.
 */
const MAX_NOTICES = 3;

/** A ticket is valid for 30 seconds; clocks differ, and reading the notice takes time. */
const PREPARED_FOR_MS = 10_000;

const NEEDS_COOKIE = gettext(
  'Your tenant requires credentials when a session opens, and browsers cannot send a Basic sign-in with a WebSocket. Ask your administrator to switch the tenant to cookie sign-in (OAI-Secure), or to allow sign-in in the address in the remote access settings.',
);

/** In cells. */
export type TerminalSize = NonNullable<TicketBody['size']>;

/** Shows the administrator's notice, and resolves to whether the user accepts it. */
export type AcceptNotice = (notice: string) => Promise<boolean>;

export interface SessionTicket {
  readonly ticket: string;
  /** The key with which the session can be resumed from then on, if the service keeps it. */
  readonly resumeKey: string;
}

/**
 * Opens an endpoint's WebSocket with a ticket requested over REST. The ticket keeps credentials out
 * of the address.
 */
export class TicketClient {
  private readonly path: string;
  /** Kept for reconnecting, so that the user has to accept the same notice only once. */
  private noticeAccepted: string | undefined;
  private tokenInAddress = false;
  private prepared:
    { readonly answer: Promise<SessionTicket | Refusal>; readonly untilMs: number } | undefined;
  /** The WebSocket that was opened before the session's page existed, and its ticket. */
  private early: { readonly ticket: string; readonly socket: EarlySocket } | undefined;

  constructor(
    private readonly platform: PlatformCalls,
    private readonly accept: AcceptNotice,
    deviceId: string,
    endpointId: string,
    /** The session to watch, instead of opening a new one. */
    private readonly watch?: WatchRequest,
  ) {
    this.path =
      `/service/remoteaccess/client/${encodeURIComponent(deviceId)}` +
      `/configurations/${encodeURIComponent(endpointId)}`;
  }

  /** Requests the ticket for the first session before it is needed. */
  prepare(size?: TerminalSize): void {
    const answer = this.fetchTicket(undefined, false, size);
    this.prepared = { answer, untilMs: performance.now() + PREPARED_FOR_MS };
  }

  /**
   * Like {@link prepare}, but also opens the WebSocket once the ticket has arrived.
   * @param size of the terminal: the server may open it before the page can report its size
   * @returns resolves when the WebSocket is opening, or cannot be opened
   */
  async open(size: TerminalSize): Promise<void> {
    this.prepare(size);
    const { prepared } = this;
    const ticket = await prepared?.answer;
    if (!ticket || ticket instanceof Refusal || prepared !== this.prepared) return;
    const socket = new EarlySocket(this.newSocket(ticket.ticket, SUBPROTOCOLS.v1));
    this.early = { ticket: ticket.ticket, socket };
  }

  /** Drops what was prepared. */
  discard(): void {
    this.prepared = undefined;
    this.early?.socket.close();
    this.early = undefined;
  }

  /**
   * @param resume the session that the ticket is for, instead of a new one
   * @param isUnattended treat a notice that the user has not accepted as a refusal
   */
  async requestTicket(
    resume?: ResumeRequest,
    isUnattended = false,
  ): Promise<SessionTicket | Refusal> {
    const { prepared } = this;
    const isFresh = prepared && performance.now() < prepared.untilMs;
    if (!isFresh || resume) {
      this.discard();
      return this.fetchTicket(resume, isUnattended);
    }
    const answer = await prepared.answer;
    this.prepared = undefined;
    return answer;
  }

  private async fetchTicket(
    resume?: ResumeRequest,
    isUnattended = false,
    size?: TerminalSize,
  ): Promise<SessionTicket | Refusal> {
    const resumeKey = resume?.next ?? newResumeKey();
    for (let shown = 0; ; shown += 1) {
      const { noticeAccepted } = this;
      const body: TicketBody = {
        ...(noticeAccepted && { noticeAccepted }),
        ...(resume && { resume }),
        ...(this.watch && { watch: this.watch }),
        ...(!resume && !this.watch && { keep: resumeKey }),
        ...(size && { size }),
      };
      const answer = await this.postTickets(body);
      if (answer.status === 201) {
        const { ticket, tokenInAddress = false } = answer.body as Ticket;
        this.tokenInAddress = tokenInAddress;
        return { ticket, resumeKey };
      }
      const refusal = Refusal.of(answer.status, answer.body);
      const isUnread = refusal.code === 'notice-not-accepted' && !isUnattended;
      if (!isUnread || shown === MAX_NOTICES) return refusal;
      const declined = await this.showNotice();
      if (declined) return declined;
    }
  }

  /** A ticket for the running session, without asking the user; `undefined` if there is none. */
  async renewalTicket(): Promise<string | undefined> {
    const body: TicketBody = this.noticeAccepted ? { noticeAccepted: this.noticeAccepted } : {};
    const answer = await this.postTickets(body);
    return answer.status === 201 ? (answer.body as Ticket).ticket : undefined;
  }

  private postTickets(body: TicketBody): Promise<PlatformAnswer> {
    return this.platform.call('POST', `${this.path}/tickets`, body, { isQuiet: true });
  }

  openSocket(ticket: string, subprotocol: string): WebSocket {
    const { early } = this;
    if (early?.ticket !== ticket) return this.newSocket(ticket, subprotocol);
    this.early = undefined;
    return early.socket.handOver();
  }

  private newSocket(ticket: string, subprotocol: string): WebSocket {
    const token = this.tokenInAddress ? this.platform.basicToken() : undefined;
    const query = new URLSearchParams({ ticket, ...(token !== undefined && { token }) });
    return new WebSocket(this.platform.webSocketAddress(`${this.path}?${query}`), subprotocol);
  }

  /**
   * Resumes a session without a ticket, which saves a request: the sign-in cookie travels with the
   * WebSocket, and the key in its subprotocol. `undefined` if the user did not sign in by cookie.
   */
  resumingSocket(request: ResumeRequest): WebSocket | undefined {
    const xsrfToken = this.platform.xsrfToken();
    // Taking over a session needs a ticket, because this page does not have its key.
    if (xsrfToken === undefined || request.takeOver) return undefined;
    const query = new URLSearchParams({ 'XSRF-TOKEN': xsrfToken });
    const address = this.platform.webSocketAddress(`${this.path}/resume?${query}`);
    return new WebSocket(address, [SUBPROTOCOLS.v1, resumeOffer(request)]);
  }

  /**
   * Why the browser could not open the WebSocket, if the user's sign-in is the reason: a ticket was
   * issued and the service responds, and only what the browser cannot send with a WebSocket is
   * missing.
   */
  async refusedUpgrade(): Promise<Message | undefined> {
    if (this.platform.basicToken() === undefined) return undefined;
    const { status } = await this.platform.call('GET', '/service/remoteaccess/health');
    return status === 200 ? { text: NEEDS_COOKIE } : undefined;
  }

  /** @returns why the notice was not accepted; `undefined` if it was, or if there is none */
  private async showNotice(): Promise<Refusal | undefined> {
    const answer = await this.platform.call('GET', '/service/remoteaccess/settings');
    if (answer.status !== 200) return Refusal.of(answer.status, answer.body);
    const { notice, noticeId } = answer.body as ShownSettings;
    this.noticeAccepted = noticeId ?? undefined;
    if (notice === null || (await this.accept(notice))) return undefined;
    this.noticeAccepted = undefined;
    return new Refusal(428, 'notice-not-accepted', {
      text: gettext("You did not accept your administrator's notice."),
    });
  }
}

/**
 * A WebSocket that opens before the page of its session exists. Its events are kept for the page, in
 * order.
 */
export class EarlySocket {
  private readonly events: Event[] = [];
  private readonly listener = (event: Event): void => void this.events.push(event);

  constructor(private readonly socket: WebSocket) {
    socket.binaryType = 'arraybuffer';
    for (const type of ['open', 'message', 'close']) socket.addEventListener(type, this.listener);
  }

  /** The caller adds its listeners at once; then they receive the events that have waited. */
  handOver(): WebSocket {
    const { socket, events, listener } = this;
    for (const type of ['open', 'message', 'close']) socket.removeEventListener(type, listener);
    // Microtasks run before the next event, which arrives in a task of its own.
    queueMicrotask(() => {
      for (const event of events.splice(0)) socket.dispatchEvent(event);
    });
    return socket;
  }

  /** Called if no page takes it over. The service then ends the session. */
  close(): void {
    this.socket.close(1000);
  }
}
