import { createHash, randomBytes } from 'node:crypto';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import {
  type DeviceId,
  type EndpointId,
  type Refusal,
  RemoteAccessError,
  type Ticket,
} from '@remote-access/contracts';
import type { ConnectGrant } from './connect-grant';

/** A browser opens the WebSocket at once; longer only serves who found the address in a log. */
const LIFETIME_MS = 30_000;

const TICKET_BYTES = 32;

/** Each ticket holds credentials in memory. */
const MAX_TICKETS = 10_000;

/** One user needs a ticket per click; this is a program that has gone wrong. */
const MAX_TICKETS_PER_USER = 100;

/** What a ticket is for. */
export interface TicketUse {
  readonly deviceId: DeviceId;
  readonly endpointId: EndpointId;
  /** The page that asked for it and the page that uses it are the same. */
  readonly origin: string;
}

interface Issued {
  readonly grant: ConnectGrant;
  readonly use: TicketUse;
  readonly holder: string;
  readonly timer: NodeJS.Timeout;
}

/**
 * Gives out tickets, so that no credential stands in the address of a WebSocket. Only hashes are
 * kept: the memory of the process holds no ticket.
 */
@Injectable()
export class TicketOffice implements OnModuleDestroy {
  private readonly issued = new Map<string, Issued>();
  private readonly perHolder = new Map<string, number>();

  /** @returns `too-many-requests` when too many wait to be used */
  issue(grant: ConnectGrant, use: TicketUse): Ticket | Refusal {
    const holder = `${grant.caller.tenant}/${grant.caller.userName}`;
    const held = this.perHolder.get(holder) ?? 0;
    if (this.issued.size >= MAX_TICKETS || held >= MAX_TICKETS_PER_USER) {
      return new RemoteAccessError('too-many-requests');
    }
    const ticket = randomBytes(TICKET_BYTES).toString('base64url');
    const name = nameOf(ticket);
    const timer = setTimeout(() => this.take(name), LIFETIME_MS);
    this.issued.set(name, { grant, use, holder, timer });
    this.perHolder.set(holder, held + 1);
    return { ticket, expiresAt: new Date(Date.now() + LIFETIME_MS).toISOString() };
  }

  /** Serves once, also when it is shown for something else: then it is no longer a secret. */
  redeem(ticket: string, use: TicketUse): ConnectGrant | Refusal {
    const issued = this.take(nameOf(ticket));
    if (!issued) return new RemoteAccessError('ticket-invalid');
    const { deviceId, endpointId, origin } = issued.use;
    const same =
      deviceId === use.deviceId && endpointId === use.endpointId && origin === use.origin;
    return same ? issued.grant : new RemoteAccessError('ticket-invalid');
  }

  onModuleDestroy(): void {
    for (const name of [...this.issued.keys()]) this.take(name);
  }

  private take(name: string): Issued | undefined {
    const issued = this.issued.get(name);
    if (!issued) return undefined;
    clearTimeout(issued.timer);
    this.issued.delete(name);
    const left = (this.perHolder.get(issued.holder) ?? 1) - 1;
    if (left > 0) this.perHolder.set(issued.holder, left);
    else this.perHolder.delete(issued.holder);
    return issued;
  }
}

/** Looking up a hash tells nothing about the ticket by the time it takes. */
function nameOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64');
}
