import { Injectable } from '@nestjs/common';
import {
  isRefusal,
  type Refusal,
  RemoteAccessError,
  type WatchRequest,
} from '@remote-access/contracts';
import { AccessPolicy } from '../access/access-policy';
import type { Admission } from '../door/route';
import { MemoryBudget } from '../memory/memory-budget';
import type { Session } from '../sessions/session';
import { endedBy } from '../sessions/session-end';
import { SESSION_BYTES } from '../sessions/session-memory';
import { SessionRegistry } from '../sessions/session-registry';
import { TerminalWatcher } from '../sessions/terminal-watcher';
import { TenantOptions } from '../tenant-settings/tenant-options';
import type { ConnectGrant } from './connect-policy';
import { WatchReviews } from './watch-reviews';

/** A desktop is watched through a separate session of the watcher, which forwards no input. */
export interface DesktopWatch {
  /** Called before the gateway is; rejects with a refusal, such as `watch-declined`. */
  join(session: Session): Promise<void>;
}

/**
 * Decides who may watch a running session: users who may connect to its endpoint and configure it,
 * if the tenant allows watching.
 */
@Injectable()
export class SessionWatches {
  constructor(
    private readonly registry: SessionRegistry,
    private readonly access: AccessPolicy,
    private readonly options: TenantOptions,
    private readonly memory: MemoryBudget,
    private readonly reviews: WatchReviews,
  ) {}

  /** Whether a ticket may be issued, and later used. */
  async refusal(grant: ConnectGrant, request: WatchRequest): Promise<Refusal | undefined> {
    const { caller, gateway } = grant;
    const denied = this.access.mayConfigure(caller, gateway.id);
    if (denied) return denied;
    const { watch } = await this.options.of(caller.tenant);
    if (watch === 'off') return new RemoteAccessError('watch-off');
    const session = this.find(grant, request);
    return session ? session.watching.refusal() : new RemoteAccessError('session-not-found');
  }

  async begin(
    grant: ConnectGrant,
    request: WatchRequest,
  ): Promise<Admission | DesktopWatch | Refusal> {
    const refusal = await this.refusal(grant, request);
    if (refusal) return refusal;
    const session = this.find(grant, request)!;
    const { watch, auditRequired } = await this.options.of(grant.caller.tenant);
    const asks = watch === 'consent';
    const watched = { session, credentials: grant.credentials, asks };
    const { userName } = grant.caller;
    if (session.protocol === 'VNC') {
      return {
        join: async own => {
          const end = (error?: RemoteAccessError): void =>
            own.end(error ? { by: 'service', error } : endedBy('service', 'session-not-found'));
          void session.over.then(() => end());
          const place = session.watching.admit(
            { user: userName, canType: false, show: state => own.showWatching(state), end },
            asks,
          );
          const release = this.reviews.add({ ...watched, end });
          void own.over.then(() => {
            release();
            place.leave();
          });
          await place.accepted;
          await this.record(session, userName, auditRequired);
          void own.over.then(() => session.recordWatching(userName, STOPPED));
        },
      };
    }

    const reserved = this.memory.reserve(grant.caller, SESSION_BYTES);
    if (isRefusal(reserved)) return reserved;
    return {
      connected: socket => {
        const watcher = new TerminalWatcher(socket, {
          session,
          user: userName,
          memory: { budget: this.memory, reservation: reserved },
          onAccepted: () => this.record(session, userName, auditRequired),
        });
        const release = this.reviews.add({ ...watched, end: error => watcher.end(error) });
        void watcher.over.then(async wasAccepted => {
          release();
          if (wasAccepted) await session.recordWatching(userName, STOPPED);
        });
        watcher.join(asks);
      },
      abandoned: () => reserved.release(),
    };
  }

  /** Rejects with `audit-unavailable` if the tenant requires an audit record for everything. */
  private async record(session: Session, user: string, isRequired: boolean): Promise<void> {
    const isRecorded = await session.recordWatching(user, STARTED);
    if (!isRecorded && isRequired) throw new RemoteAccessError('audit-unavailable');
  }

  private find(
    { caller, gateway, endpoint }: ConnectGrant,
    { sessionId }: WatchRequest,
  ): Session | undefined {
    const session = this.registry.find(caller.tenant, sessionId);
    const { subject, hasEnded = true } = session ?? {};
    const isThere = subject?.gateway.id === gateway.id && subject.endpoint.id === endpoint.id;
    return isThere && !hasEnded ? session : undefined;
  }
}

const STARTED = 'watches';
const STOPPED = 'no longer watches';

/** The grant of a watcher, who sees the desktop but sends it no input. */
export function asWatcher(grant: ConnectGrant): ConnectGrant {
  return { ...grant, endpoint: { ...grant.endpoint, viewOnly: true, shared: true } };
}
