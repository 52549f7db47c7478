import { Injectable } from '@angular/core';
import type { Endpoint } from '@remote-access/contracts';
import type { PlatformCalls } from '../../host/platform-calls';
import { TicketClient, type AcceptNotice } from './ticket-client';

/** By then the application has reached the page, or never will. */
const TAKEN_WITHIN_MS = 10_000;

/** What was already done when the session's page opens. */
export interface HeadStart {
  /** As the list showed it; it may have changed since. */
  readonly endpoint: Endpoint;
  /** Has asked for the first ticket. */
  readonly tickets: TicketClient;
}

interface Begun extends HeadStart {
  readonly deviceId: string;
  readonly untilMs: number;
  /** The page is there, and can show a notice. */
  readonly showNoticesWith: (accept: AcceptNotice) => void;
}

/**
 * Requests a session's ticket as soon as the user clicks, while the application is still navigating to the
 * session's page. The page then takes over the ticket.
 */
@Injectable({ providedIn: 'root' })
export class HeadStarts {
  private latest: Begun | undefined;

  begin(platform: PlatformCalls, deviceId: string, endpoint: Endpoint): void {
    let showNoticesWith!: Begun['showNoticesWith'];
    const page = new Promise<AcceptNotice>(resolve => (showNoticesWith = resolve));
    const accept: AcceptNotice = async notice => (await page)(notice);
    const tickets = new TicketClient(platform, accept, deviceId, endpoint.id);
    tickets.prepare();
    const untilMs = performance.now() + TAKEN_WITHIN_MS;
    this.latest = { deviceId, endpoint, tickets, untilMs, showNoticesWith };
  }

  /** Only once: a ticket opens one session. */
  take(deviceId: string, endpointId: string, accept: AcceptNotice): HeadStart | undefined {
    const { latest } = this;
    const isFor = latest?.deviceId === deviceId && latest.endpoint.id === endpointId;
    if (!isFor || performance.now() > latest.untilMs) return undefined;
    this.latest = undefined;
    latest.showNoticesWith(accept);
    return latest;
  }
}
