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
import type { CallerCredentials } from '../platform/caller-credentials';
import type { Session } from '../sessions/session';
import { endedBy } from '../sessions/session-end';
import { SESSION_BYTES } from '../sessions/session-memory';
import { SessionRegistry } from '../sessions/session-registry';
import { TerminalWatcher } from '../sessions/terminal-watcher';
import { TenantOptions } from '../tenant-settings/tenant-options';
import type { ConnectGrant } from './connect-policy';
import { WatchReviews } from './watch-reviews';

const STARTED = 'watches';
const STOPPED = 'no longer watches';

/** A desktop is watched through a separate session of the watcher, which forwards no input. */
export interface DesktopWatch {
  /** Called before the gateway is; rejects with a refusal, such as `watch-declined`. */
  join(session: Session): Promise<void>;
}

interface WatchedSession {
  readonly session: Session;
  /** The watcher's credentials. */
  readonly credentials: CallerCredentials;
  /** Whether the session's user has to agree. */
  readonly asks: boolean;
  /** Rejects with `audit-unavailable` if watching may not begin without an audit record. */
  readonly record: (event: string) => Promise<void>;
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

  /** Admits the WebSocket of a watcher who is shown a terminal. */
  async watchTerminal(grant: ConnectGrant, request: WatchRequest): Promise<Admission | Refusal> {
    const watched = await this.begin(grant, request);
    if (isRefusal(watched)) return watched;
    const reserved = this.memory.reserve(grant.caller, SESSION_BYTES);
    if (isRefusal(reserved)) return reserved;
    const { session, asks, record } = watched;
    return {
      connected: socket => {
        const watcher = new TerminalWatcher(socket, {
          session,
          user: grant.caller.userName,
          memory: { budget: this.memory, reservation: reserved },
          onAccepted: () => record(STARTED),
        });
        const release = this.reviews.add({ ...watched, end: error => watcher.end(error) });
        void watcher.over.then(async wasAccepted => {
          release();
          if (wasAccepted) await record(STOPPED);
        });
        watcher.join(asks);
      },
      abandoned: () => reserved.release(),
    };
  }

  /** @returns what the watcher's own session of the desktop joins */
  async watchDesktop(grant: ConnectGrant, request: WatchRequest): Promise<DesktopWatch | Refusal> {
    const watched = await this.begin(grant, request);
    if (isRefusal(watched)) return watched;
    const { session, asks, record } = watched;
    return {
      join: async own => {
        const end = (error?: RemoteAccessError): void =>
          own.end(error ? { by: 'service', error } : endedBy('service', 'session-not-found'));
        void session.over.then(() => end());
        const show = own.tellUser.bind(own);
        const { userName: user } = grant.caller;
        // Its own session is told.
        const replicaLeaves = (): void => undefined;
        const watcher = { user, canType: false, show, replicaLeaves, end };
        const place = session.watching.admit(watcher, asks);
        const release = this.reviews.add({ ...watched, end });
        void own.over.then(() => {
          release();
          place.leave();
        });
        await place.accepted;
        await record(STARTED);
        void own.over.then(() => record(STOPPED));
      },
    };
  }

  private async begin(
    grant: ConnectGrant,
    request: WatchRequest,
  ): Promise<WatchedSession | Refusal> {
    const refusal = await this.refusal(grant, request);
    if (refusal) return refusal;
    const session = this.find(grant, request)!;
    const { caller, credentials } = grant;
    const { watch, auditRequired } = await this.options.of(caller.tenant);
    const record = async (event: string): Promise<void> => {
      const isRecorded = await session.recordWatching(caller.userName, event);
      const isRequired = auditRequired && event === STARTED;
      if (isRequired && !isRecorded) throw new RemoteAccessError('audit-unavailable');
    };
    return { session, credentials, asks: watch === 'consent', record };
  }

  private find(
    { caller, gateway, endpoint }: ConnectGrant,
    { sessionId }: WatchRequest,
  ): Session | undefined {
    const session = this.registry.find(caller.tenant, sessionId);
    const { subject, hasEnded = true } = session ?? {};
    const isThere =
      subject?.gateway.id === gateway.id &&
      subject.endpoint.id === endpoint.id &&
      subject.endpoint.protocol === endpoint.protocol;
    return isThere && !hasEnded ? session : undefined;
  }
}

/** The grant of a watcher, who sees the desktop but sends it no input. */
export function asWatcher(grant: ConnectGrant): ConnectGrant {
  return { ...grant, endpoint: { ...grant.endpoint, viewOnly: true, shared: true } };
}
