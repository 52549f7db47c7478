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

/**
 * A browser opens the WebSocket at once; a longer lifetime would only help someone who finds the
 * ticket in a log.
 */
const LIFETIME_MS = 30_000;

const TICKET_BYTES = 32;

/** Memory that a ticket takes in addition to the strings in its grant. */
const TICKET_OBJECT_BYTES = 8 * 1024;

/** Each ticket holds credentials in memory. */
const MAX_TICKETS = 10_000;

/** A user needs one ticket per click; a program that needs more is faulty. */
const MAX_TICKETS_PER_USER = 100;

/** What a ticket may be used for. */
export interface TicketUse {
  readonly deviceId: DeviceId;
  readonly endpointId: EndpointId;
  /** The origin of the page that requested the ticket; only that page may use it. */
  readonly origin: string;
}

interface Issued {
  readonly grant: ConnectGrant;
  readonly use: TicketUse;
  readonly holder: string;
  readonly timer: NodeJS.Timeout;
  readonly reserved: Reservation;
  /** Removes the ticket from the directory that other replicas see. */
  readonly withdraw: () => void;
}

/**
 * Issues tickets, so that a WebSocket's address contains no credential. Only hashes are stored: the
 * memory of the process contains no usable ticket.
 */
@Injectable()
export class Tickets implements OnModuleDestroy {
  private readonly issued = new Map<string, Issued>();
  private readonly perHolder = new Map<string, number>();

  constructor(
    @Inject(CLUSTER) private readonly cluster: Pick<Cluster, 'announce'>,
    private readonly memory: MemoryBudget,
  ) {}

  /** @returns `too-many-requests` if too many tickets are unused */
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

  /** Whether the ticket was issued here, is unused and has not expired. */
  has(ticket: string): boolean {
    return this.issued.has(nameOf(ticket));
  }

  /**
   * A ticket is used up even if it is presented for something else: by then it is no longer a
   * secret.
   */
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

/** Memory that a grant takes; users and gateways determine the length of its strings. */
function bytesOf({ caller, rights, gateway, endpoint, binding }: ConnectGrant): number {
  const roles = [...caller.roles];
  const texts = JSON.stringify([caller, roles, rights, gateway, endpoint, binding]);
  return TICKET_OBJECT_BYTES + 2 * texts.length;
}

/**
 * The name under which a ticket is stored and found by other replicas. It is a hash, so the time
 * that the lookup takes reveals nothing about the ticket.
 */
export function nameOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64');
}
