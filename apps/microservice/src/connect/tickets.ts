import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import {
  type DeviceId,
  type EndpointId,
  isRefusal,
  type Refusal,
  RemoteAccessError,
  type Ticket,
} from '@remote-access/contracts';
import { type Cluster, CLUSTER } from '../cluster/cluster';
import { MemoryBudget, type Reservation } from '../memory/memory-budget';
import type { ConnectGrant } from './connect-policy';

/** A browser opens the WebSocket at once; more time would only help someone who finds it in a log. */
const LIFETIME_MS = 30_000;

const TICKET_BYTES = 32;

/** Memory that a ticket takes in addition to the texts of its grant. */
const TICKET_OBJECT_BYTES = 8 * 1024;

/** Each ticket holds credentials in memory. */
const MAX_TICKETS = 10_000;

/** A user needs one ticket per click; more than this is a faulty program. */
const MAX_TICKETS_PER_USER = 100;

/** The use that a ticket is limited to. */
export interface TicketUse {
  readonly deviceId: DeviceId;
  readonly endpointId: EndpointId;
  /** The page that requested the ticket is the one that uses it. */
  readonly origin: string;
}

interface Issued {
  readonly grant: ConnectGrant;
  readonly use: TicketUse;
  readonly holder: string;
  readonly timer: NodeJS.Timeout;
  readonly reserved: Reservation;
  /** Hides the ticket from other replicas. */
  readonly withdraw: () => void;
}

/**
 * Issues tickets, so that a WebSocket's address contains no credential. Only their hashes are kept:
 * the memory of the process holds no ticket.
 */
@Injectable()
export class Tickets implements OnModuleDestroy {
  private readonly issued = new Map<string, Issued>();
  private readonly perHolder = new Map<string, number>();

  constructor(
    @Inject(CLUSTER) private readonly cluster: Pick<Cluster, 'announce'>,
    private readonly memory: MemoryBudget,
  ) {}

  /** @returns `too-many-requests` if too many wait to be used */
  issue(grant: ConnectGrant, use: TicketUse): Ticket | Refusal {
    const holder = `${grant.caller.tenant}/${grant.caller.userName}`;
    const held = this.perHolder.get(holder) ?? 0;
    if (this.issued.size >= MAX_TICKETS || held >= MAX_TICKETS_PER_USER) {
      return new RemoteAccessError('too-many-requests');
    }
    const reserved = this.memory.reserve(grant.caller, bytesOf(grant));
    if (isRefusal(reserved)) return reserved;
    const ticket = randomBytes(TICKET_BYTES).toString('base64url');
    const name = nameOf(ticket);
    const timer = setTimeout(() => this.take(name), LIFETIME_MS);
    const withdraw = this.cluster.announce('ticket', name);
    this.issued.set(name, { grant, use, holder, timer, reserved, withdraw });
    this.perHolder.set(holder, held + 1);
    return { ticket, expiresAt: new Date(Date.now() + LIFETIME_MS).toISOString() };
  }

  /** Whether it was issued here, and was neither used nor has expired. */
  has(ticket: string): boolean {
    return this.issued.has(nameOf(ticket));
  }

  /** Valid once, even if it is presented for something else: then it is no longer a secret. */
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
    issued.withdraw();
    issued.reserved.release();
    this.issued.delete(name);
    const left = (this.perHolder.get(issued.holder) ?? 1) - 1;
    if (left > 0) this.perHolder.set(issued.holder, left);
    else this.perHolder.delete(issued.holder);
    return issued;
  }
}

/** Memory that a grant takes: the length of its texts is up to users and gateways. */
function bytesOf({ caller, rights, gateway, endpoint, binding }: ConnectGrant): number {
  const roles = [...caller.roles];
  const texts = JSON.stringify([caller, roles, rights, gateway, endpoint, binding]);
  return TICKET_OBJECT_BYTES + 2 * texts.length;
}

/**
 * Under which name a ticket is kept, and found by other replicas. The time that the lookup of a hash takes
 * reveals nothing about the ticket.
 */
export function nameOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64');
}
