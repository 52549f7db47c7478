import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import {
  type DeviceId,
  type Refusal,
  RemoteAccessError,
  type TenantId,
} from '@remote-access/contracts';
import { TenantDirectory } from '../platform/tenant-directory';
import type { AwaitedGateway } from './awaited-gateway';
import type { Session } from './session';
import { endedBy, type SessionEnd } from './session-end';

const UNSUBSCRIBED = 'Your tenant is no longer subscribed to remote access.';

/** Each takes two sockets; a process may have 20 000 of them. */
const MAX_SESSIONS = 8_000;

/** Knows every session of this process, and which of them wait for a gateway. */
@Injectable()
export class SessionRegistry implements OnModuleInit, OnModuleDestroy {
  private readonly sessions = new Set<Session>();
  private readonly waiting = new Map<string, AwaitedGateway>();
  private stopping = false;
  private endWatch: (() => void) | undefined;

  constructor(private readonly tenants: TenantDirectory) {}

  onModuleInit(): void {
    const end = endedBy('platform', 'forbidden', UNSUBSCRIBED);
    this.endWatch = this.tenants.watch({ unsubscribed: tenant => this.endAllOf(tenant, end) });
  }

  /** Why no session can be opened now. */
  refusal(): Refusal | undefined {
    if (this.stopping) return new RemoteAccessError('shutting-down');
    const full = this.sessions.size >= MAX_SESSIONS;
    return full ? new RemoteAccessError('too-many-requests') : undefined;
  }

  get size(): number {
    return this.sessions.size;
  }

  all(): readonly Session[] {
    return [...this.sessions];
  }

  /** Those on a device that have not ended, the oldest first. */
  of(tenant: TenantId, deviceId: DeviceId): readonly Session[] {
    return this.all().filter(
      session =>
        session.tenant === tenant && session.grant.gateway.id === deviceId && !session.hasEnded,
    );
  }

  /** @param connectionKey what a gateway claims the session with, once */
  add(session: Session, connectionKey: string): void {
    this.sessions.add(session);
    this.waiting.set(connectionKey, session);
    void session.over.then(() => this.sessions.delete(session));
    if (this.stopping)
      session.end({ by: 'service', error: new RemoteAccessError('shutting-down') });
  }

  /** @param connectionKey what a gateway claims it with, once */
  await(awaited: AwaitedGateway, connectionKey: string): void {
    this.waiting.set(connectionKey, awaited);
  }

  /** What waits for a key, without claiming it. */
  waitingFor(connectionKey: string): AwaitedGateway | undefined {
    return this.waiting.get(connectionKey);
  }

  /** Takes what waits for a key: it serves once. */
  claim(connectionKey: string): AwaitedGateway | undefined {
    const awaited = this.waiting.get(connectionKey);
    this.waiting.delete(connectionKey);
    return awaited;
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    this.endWatch?.();
    const sessions = this.all();
    for (const session of sessions) session.end(endedBy('service', 'shutting-down'));
    await Promise.all(sessions.map(session => session.over));
  }

  endAllOf(tenant: TenantId, end: SessionEnd): void {
    for (const session of this.sessions) if (session.tenant === tenant) session.end(end);
  }
}
