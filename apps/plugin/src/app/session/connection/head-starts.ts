import { Injectable } from '@angular/core';
import type { Endpoint } from '@remote-access/contracts';
import type { PlatformCalls } from '../../host/platform-calls';
import { TicketClient, type AcceptNotice, type TerminalSize } from './ticket-client';

/** By then the application has reached the page, or never will. */
const TAKEN_WITHIN_MS = 10_000;

/**
 * Rendering the page takes about this long and blocks responses. On a slower network, waiting for
 * the response would only delay the page.
 */
const ANSWERED_WITHIN_MS = 60;

/** What has already been done when the session's page opens. */
export interface HeadStart {
  /** As the list showed it; it may have changed since. */
  readonly endpoint: Endpoint;
  /** Has asked for the first ticket. */
  readonly tickets: TicketClient;
  /** Of the terminal, as the request for the ticket says. */
  readonly size: TerminalSize | undefined;
}

interface Begun extends HeadStart {
  readonly deviceId: string;
  /** The WebSocket is being opened, or cannot be; `undefined` if the page opens it. */
  readonly opening: Promise<void> | undefined;
  readonly discarding: ReturnType<typeof setTimeout>;
  /** Called once the page exists and can show a notice. */
  readonly showNoticesWith: (accept: AcceptNotice) => void;
}

/**
 * Requests a session's ticket as soon as the user clicks, while the application is still navigating
 * to the session's page. If the size of the terminal is known, it also opens the WebSocket. The page
 * then takes over both.
 */
@Injectable({ providedIn: 'root' })
export class HeadStarts {
  private latest: Begun | undefined;
  private known: { readonly terminal: TerminalSize; readonly window: string } | undefined;

  /** The size of a terminal that fills the page: the next one will have it too. */
  remember({ cols, rows }: TerminalSize): void {
    this.known = { terminal: { cols, rows }, window: windowSize() };
  }

  begin(platform: PlatformCalls, deviceId: string, endpoint: Endpoint): void {
    let showNoticesWith!: Begun['showNoticesWith'];
    const page = new Promise<AcceptNotice>(resolve => (showNoticesWith = resolve));
    const accept: AcceptNotice = async notice => (await page)(notice);
    const tickets = new TicketClient(platform, accept, deviceId, endpoint.id);
    const size = this.known?.window === windowSize() ? this.known.terminal : undefined;
    const opening = size && tickets.open(size).catch(() => undefined);
    if (!size) tickets.prepare();
    this.discard();
    const discarding = setTimeout(() => this.discard(), TAKEN_WITHIN_MS);
    this.latest = { deviceId, endpoint, tickets, size, opening, discarding, showNoticesWith };
  }

  /**
   * Resolves when the page should be rendered: the WebSocket is opening, or the ticket is late.
   * @returns whether a session was begun, for which the page had to wait
   */
  async pageIsDue(): Promise<boolean> {
    const { latest } = this;
    if (!latest?.opening) return false;
    let timer!: ReturnType<typeof setTimeout>;
    const isLate = new Promise<void>(resolve => (timer = setTimeout(resolve, ANSWERED_WITHIN_MS)));
    await Promise.race([latest.opening, isLate]);
    clearTimeout(timer);
    return true;
  }

  /** Only once: a ticket opens one session. */
  take(deviceId: string, endpointId: string, accept: AcceptNotice): HeadStart | undefined {
    const { latest } = this;
    const isFor = latest?.deviceId === deviceId && latest.endpoint.id === endpointId;
    if (!isFor) return undefined;
    clearTimeout(latest.discarding);
    this.latest = undefined;
    latest.showNoticesWith(accept);
    return latest;
  }

  /** The user has gone elsewhere, or clicked again. */
  private discard(): void {
    if (!this.latest) return;
    clearTimeout(this.latest.discarding);
    this.latest.tickets.discard();
    this.latest = undefined;
  }
}

function windowSize(): string {
  return `${innerWidth}x${innerHeight}`;
}
