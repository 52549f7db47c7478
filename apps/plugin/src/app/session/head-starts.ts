import { Injectable } from '@angular/core';
import type { Endpoint } from '@remote-access/contracts';
import type { PlatformCalls } from '../host/platform-calls';
import { TicketClient, type AcceptNotice } from './ticket-client';

/** The application has gone to the page long before, or will not. */
const TAKEN_WITHIN_MS = 10_000;

/** What a session's page need not begin with. */
export interface HeadStart {
  /** As the list showed it: somebody may have changed it meanwhile. */
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
 * Asks for a session's ticket as soon as the user clicks, while the application is still on its way
 * to the page of the session, which takes it from here.
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
