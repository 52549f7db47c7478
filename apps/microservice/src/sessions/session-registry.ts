import {
  type DeviceId,
  isRefusal,
  type Refusal,
  RemoteAccessError,
  type TenantId,
} from '@remote-access/contracts';
import type { Settings } from '../settings/settings';
import type { Session } from './session';
import type { SessionSubject } from './session-plan';
import { endedBy, type SessionEnd } from './session-end';
import type { Cluster, LogicalTime, ReplicaId } from '../cluster/cluster';

/** Each session takes two sockets; a process that is set up for many may have 20,000. */
export const MAX_SESSIONS = 9_900;

/** Who is counted: the user and the gateway of a session. */
export interface SessionParties {
  readonly caller: SessionSubject['caller'];
  readonly gateway: Pick<SessionSubject['gateway'], 'id'>;
}

export interface SessionCount {
  readonly ofUser: number;
  readonly onDevice: number;
}

/** Knows every session of this process and enforces how many there may be. */
export class SessionRegistry {
  /** With the logical time at which each was added. */
  private readonly sessions = new Map<Session, number>();
  /** Connections through gateways that are not sessions, with the same. */
  private readonly others = new Map<SessionParties, number>();
  private readonly listeners = new Set<(session: Session) => void>();
  private isStopping = false;
  private time = 0;

  constructor(private readonly quotas: Settings['sessionQuotas']) {}

  /** Why no session can be opened now, for any user. */
  refusal(): Refusal | undefined {
    if (this.isStopping) return new RemoteAccessError('shutting-down');
    const isFull = this.sessions.size >= MAX_SESSIONS;
    return isFull ? full(`The service has ${MAX_SESSIONS} sessions, its limit.`) : undefined;
  }

  /** The logical time at which a session was added. */
  timeOf(session: Session): number {
    return this.sessions.get(session) ?? this.time;
  }

  /** Every session that is added from now on comes after this logical time. */
  heardOf(time: number): void {
    this.time = Math.max(this.time, time);
  }

  /**
   * The number of sessions of a user and of a device.
   * @param counts whether to count a session that was added at this logical time
   */
  count(
    { caller, gateway }: SessionParties,
    counts: (time: number) => boolean = () => true,
  ): SessionCount {
    let ofUser = 0;
    let onDevice = 0;
    const count = (other: SessionParties): void => {
      if (other.caller.tenant !== caller.tenant) return;
      if (other.caller.userName === caller.userName) ofUser += 1;
      if (other.gateway.id === gateway.id) onDevice += 1;
    };
    for (const [{ subject }, time] of this.sessions) if (counts(time)) count(subject);
    for (const [parties, time] of this.others) if (counts(time)) count(parties);
    return { ofUser, onDevice };
  }

  /**
   * Why this user cannot open a session on this device; names the limit.
   * @param elsewhere the counts of other replicas
   * @param here the count of this one: all of its sessions, or those that come before another
   */
  quotaRefusal(
    parties: SessionParties,
    elsewhere: readonly SessionCount[] = [],
    here = this.count(parties),
  ): Refusal | undefined {
    const { perUser, perDevice } = this.quotas;
    let { ofUser, onDevice } = here;
    for (const count of elsewhere) {
      ofUser += count.ofUser;
      onDevice += count.onDevice;
    }
    if (ofUser >= perUser) {
      return full(`You have ${ofUser} sessions; a user may have ${perUser} at a time.`);
    }
    if (onDevice >= perDevice) {
      return full(`The gateway has ${onDevice} sessions; it may have ${perDevice} at a time.`);
    }
    return undefined;
  }

  /**
   * Counts a connection that is not a session as if it were one.
   * @returns its logical time, and a function that releases its place
   */
  occupy(parties: SessionParties): { time: number; leave: () => void } | Refusal {
    const refusal = this.refusal() ?? this.quotaRefusal(parties);
    if (refusal) return refusal;
    this.time += 1;
    this.others.set(parties, this.time);
    return { time: this.time, leave: () => this.others.delete(parties) };
  }

  /** Every session of this process that is not over. */
  all(): Iterable<Session> {
    return this.sessions.keys();
  }

  /** The sessions of a tenant that have not ended, oldest first. */
  ofTenant(tenant: TenantId): readonly Session[] {
    return [...this.sessions.keys()].filter(
      session => session.tenant === tenant && !session.hasEnded,
    );
  }

  /** The sessions on a device that have not ended, oldest first. */
  of(tenant: TenantId, deviceId: DeviceId): readonly Session[] {
    return this.ofTenant(tenant).filter(({ subject }) => subject.gateway.id === deviceId);
  }

  /** Also finds one that has ended and still has to deliver its last messages. */
  find(tenant: TenantId, id: string): Session | undefined {
    return [...this.sessions.keys()].find(
      session => session.id === id && session.tenant === tenant,
    );
  }

  /** Ends the session if it exceeds a quota: several may have been admitted at the same moment. */
  add(session: Session): void {
    const error = this.quotaRefusal(session.subject);
    this.time += 1;
    this.sessions.set(session, this.time);
    if (error) session.end({ by: 'service', error });
    session.onOver(this.leave);
    if (this.isStopping) session.end(endedBy('service', 'shutting-down'));
  }

  private readonly leave = (session: Session): void => {
    this.sessions.delete(session);
    for (const listener of this.listeners) listener(session);
  };

  /** @param listener called with each session that is over */
  onOver(listener: (session: Session) => void): void {
    this.listeners.add(listener);
  }

  /** Whether new sessions are refused because the process is shutting down. */
  get isDraining(): boolean {
    return this.isStopping;
  }

  /** Refuses new sessions, announces the end to running ones, and gives them time to finish. */
  async drain(graceMs: number): Promise<void> {
    this.isStopping = true;
    const sessions = [...this.sessions.keys()];
    for (const session of sessions) session.announceEnd('shutdown', graceMs);
    const allOver = Promise.all(sessions.map(session => session.over));
    let timer: NodeJS.Timeout | undefined;
    const graceOver = new Promise(resolve => (timer = setTimeout(resolve, graceMs)));
    await Promise.race([allOver, graceOver]);
    clearTimeout(timer);
  }

  /** Another replica is stopping; see {@link Session.replicaLeaves}. */
  replicaLeaves(replica: ReplicaId, graceMs: number): void {
    for (const session of this.sessions.keys()) session.replicaLeaves(replica, graceMs);
  }

  endAllOf(tenant: TenantId, end: SessionEnd): void {
    for (const session of this.sessions.keys()) if (session.tenant === tenant) session.end(end);
  }

  /** Refuses new sessions and ends all others; resolves when they are over. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const sessions = [...this.sessions.keys()];
    for (const session of sessions) session.end(endedBy('service', 'shutting-down'));
    await Promise.all(sessions.map(session => session.over));
  }
}

/** The quotas of users and gateways, over all replicas. */
export class SessionQuotas {
  constructor(
    private readonly cluster: Cluster,
    private readonly registry: SessionRegistry,
  ) {
    cluster.answer('count', ({ tenant, userName, deviceId, before }) => {
      const parties = { caller: { tenant, userName }, gateway: { id: deviceId } };
      if (!before) return registry.count(parties);
      registry.heardOf(before.time);
      const isFirst = cluster.id! < before.replica;
      return registry.count(parties, time => time < before.time + Number(isFirst));
    });
  }

  /** @returns `too-many-requests`; a replica that does not answer counts as empty */
  async refusal(parties: SessionParties): Promise<Refusal | undefined> {
    return this.registry.quotaRefusal(parties, await this.elsewhere(parties));
  }

  /**
   * The same for a session that has been added: several may have been admitted on different
   * replicas at the same moment.
   */
  refusalOfAdded(session: Session): Promise<Refusal | undefined> {
    return this.refusalAt(session.subject, this.registry.timeOf(session));
  }

  /**
   * Counts a connection that is not a session as if it were one.
   * @returns a function that releases its place
   */
  async occupy(parties: SessionParties): Promise<(() => void) | Refusal> {
    const full = await this.refusal(parties);
    if (full) return full;
    const place = this.registry.occupy(parties);
    if (isRefusal(place)) return place;
    const late = await this.refusalAt(parties, place.time);
    if (!late) return place.leave;
    place.leave();
    return late;
  }

  /**
   * Counts what comes before a moment in logical time, so that as many of those that were admitted
   * together remain as the limit allows.
   */
  private async refusalAt(parties: SessionParties, time: number): Promise<Refusal | undefined> {
    const { cluster, registry } = this;
    if (!cluster.isOn) return undefined;
    const elsewhere = await this.elsewhere(parties, { time, replica: cluster.id! });
    const here = registry.count(parties, other => other < time);
    return registry.quotaRefusal(parties, elsewhere, here);
  }

  private elsewhere(
    { caller, gateway }: SessionParties,
    before?: LogicalTime,
  ): Promise<SessionCount[]> {
    const { tenant, userName } = caller;
    const parties = { tenant, userName, deviceId: gateway.id };
    return this.cluster.askAll('count', { ...parties, ...(before && { before }) });
  }
}

function full(detail: string): Refusal {
  return new RemoteAccessError('too-many-requests', { detail });
}
