import {
  type DeviceId,
  type Refusal,
  RemoteAccessError,
  type TenantId,
} from '@remote-access/contracts';
import type { Session } from './session';
import { endedBy, type SessionEnd } from './session-end';

/** Each takes two sockets; a process may have 20,000 of them. */
const MAX_SESSIONS = 8_000;

/** Knows every session of this process. */
export class SessionRegistry {
  private readonly sessions = new Set<Session>();
  private isStopping = false;

  /** Why no session can be opened now. */
  refusal(): Refusal | undefined {
    if (this.isStopping) return new RemoteAccessError('shutting-down');
    const isFull = this.sessions.size >= MAX_SESSIONS;
    return isFull ? new RemoteAccessError('too-many-requests') : undefined;
  }

  /** The sessions on a device that have not ended, the oldest first. */
  of(tenant: TenantId, deviceId: DeviceId): readonly Session[] {
    return [...this.sessions].filter(
      session =>
        session.tenant === tenant && session.subject.gateway.id === deviceId && !session.hasEnded,
    );
  }

  add(session: Session): void {
    this.sessions.add(session);
    void session.over.then(() => this.sessions.delete(session));
    if (this.isStopping) session.end(endedBy('service', 'shutting-down'));
  }

  endAllOf(tenant: TenantId, end: SessionEnd): void {
    for (const session of this.sessions) if (session.tenant === tenant) session.end(end);
  }

  /** Ends every session and admits no more; resolves when they are over. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const sessions = [...this.sessions];
    for (const session of sessions) session.end(endedBy('service', 'shutting-down'));
    await Promise.all(sessions.map(session => session.over));
  }
}
