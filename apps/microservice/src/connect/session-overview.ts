import { Inject, Injectable } from '@nestjs/common';
import {
  type DeviceId,
  isRefusal,
  MAX_REASON_LENGTH,
  printable,
  type Refusal,
  RemoteAccessError,
  type RunningSession,
} from '@remote-access/contracts';
import { AccessPolicy } from '../access/access-policy';
import type { Caller } from '../access/caller';
import { AuditTrail } from '../audit/audit-trail';
import { type Cluster, CLUSTER, type Questions } from '../cluster/cluster';
import type { CallerCredentials } from '../platform/caller-credentials';
import { endedBy } from '../sessions/session-end';
import { SessionRegistry } from '../sessions/session-registry';

/**
 * The maximum number of devices that one request looks up on the platform; sessions on further
 * devices are left out.
 */
const MAX_DEVICES = 200;

/** Concurrent requests to the platform. */
const DEVICES_AT_A_TIME = 8;

export interface VisibleSessions {
  readonly caller: Caller;
  /** Oldest first. */
  readonly sessions: readonly RunningSession[];
}

/** Lists the running sessions, of all replicas, that a caller may see, and ends them on request. */
@Injectable()
export class SessionOverview {
  constructor(
    private readonly access: AccessPolicy,
    private readonly registry: SessionRegistry,
    private readonly audit: AuditTrail,
    @Inject(CLUSTER) private readonly cluster: Cluster,
  ) {
    cluster.answer('sessions', question => this.here(question));
    cluster.answer('end-session', question => this.endHere(question));
    cluster.answer('leaving', ({ replica, graceMs }) => {
      registry.replicaLeaves(replica, graceMs);
      return true;
    });
  }

  async ofDevice(
    credentials: CallerCredentials | undefined,
    deviceId: DeviceId,
  ): Promise<VisibleSessions | Refusal> {
    const access = await this.access.authorize(credentials, deviceId, 'read');
    if (isRefusal(access)) return access;
    const { caller } = access;
    const hasAll = this.access.mayConfigure(caller, deviceId) === undefined;
    const all = await this.all({ tenant: caller.tenant, deviceId });
    return { caller, sessions: all.filter(session => hasAll || isOwn(session, caller)) };
  }

  /** The caller's own sessions, and those on devices that the caller may see and configure. */
  async everywhere(credentials: CallerCredentials | undefined): Promise<VisibleSessions | Refusal> {
    const caller = await this.access.caller(credentials);
    if (isRefusal(caller)) return caller;
    const refusal = this.access.mayRead(caller);
    if (refusal) return refusal;
    const all = await this.all({ tenant: caller.tenant });
    const others = all.filter(session => !isOwn(session, caller)).map(({ deviceId }) => deviceId);
    const configurable = [...new Set(others)].filter(
      deviceId => this.access.mayConfigure(caller, deviceId) === undefined,
    );
    const seen = await this.seen(credentials!, configurable.slice(0, MAX_DEVICES));
    const sessions = all.filter(session => isOwn(session, caller) || seen.has(session.deviceId));
    return { caller, sessions };
  }

  /** @throws RemoteAccessError `session-not-found` if it has ended meanwhile */
  async end(session: RunningSession, caller: Caller, reason: string): Promise<void> {
    const { tenant, userName } = caller;
    const because = reason === '' ? '.' : `: ${reason}`;
    const text = `"${userName}" ended the session${because}`;
    const question = { tenant, sessionId: session.id, text };
    const hasEnded =
      this.endHere(question) || (await this.cluster.askAll('end-session', question)).includes(true);
    if (!hasEnded) throw new RemoteAccessError('session-not-found');
    await this.audit.record(tenant, {
      type: 'Inventory',
      sourceId: session.deviceId,
      activity: 'Remote access session terminated',
      text: `Session of "${session.user}" on endpoint "${session.endpointName}" ended${because}`,
      user: userName,
    });
  }

  /** The sessions of every replica. */
  private async all(question: Questions['sessions']['ask']): Promise<readonly RunningSession[]> {
    const elsewhere = await this.cluster.askAll('sessions', question);
    return [...this.here(question), ...elsewhere.flat()].sort(
      (one, other) => Date.parse(one.startedAt) - Date.parse(other.startedAt),
    );
  }

  private here({ tenant, deviceId }: Questions['sessions']['ask']): RunningSession[] {
    const found =
      deviceId === undefined ? this.registry.ofTenant(tenant) : this.registry.of(tenant, deviceId);
    // As much of the id as is needed to find it in the log.
    const replica = this.cluster.id?.slice(0, 8);
    return found.map(({ description }) =>
      replica === undefined ? description : { ...description, replica },
    );
  }

  private endHere({ tenant, sessionId, text }: Questions['end-session']['ask']): boolean {
    const session = this.registry.find(tenant, sessionId);
    session?.end(endedBy('service', 'session-terminated', text));
    return session !== undefined;
  }

  /** The devices that the platform shows to the caller. */
  private async seen(
    credentials: CallerCredentials,
    deviceIds: readonly DeviceId[],
  ): Promise<ReadonlySet<DeviceId>> {
    const seen = new Set<DeviceId>();
    for (let at = 0; at < deviceIds.length; at += DEVICES_AT_A_TIME) {
      const some = deviceIds.slice(at, at + DEVICES_AT_A_TIME);
      const devices = await Promise.all(some.map(id => this.access.device(credentials, id)));
      devices.forEach((device, index) => {
        if (!isRefusal(device)) seen.add(some[index]!);
      });
    }
    return seen;
  }
}

/** @returns the reason as one printable line, empty if there is none; `malformed-request` */
export function readReason(body: unknown): string | Refusal {
  const { reason = '' } = Object(body) as { reason?: unknown };
  const isText = typeof reason === 'string' && reason.length <= MAX_REASON_LENGTH;
  if (isText) return printable(reason, MAX_REASON_LENGTH).trim();
  const detail = `reason must be text of at most ${MAX_REASON_LENGTH} characters.`;
  return new RemoteAccessError('malformed-request', { detail });
}

function isOwn({ user }: RunningSession, { userName }: Caller): boolean {
  return user === userName;
}
