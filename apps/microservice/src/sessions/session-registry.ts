import {
  type DeviceId,
  type Refusal,
  RemoteAccessError,
  type TenantId,
} from '@remote-access/contracts';
import type { Settings } from '../settings/settings';
import type { Session } from './session';
import type { SessionSubject } from './session-plan';
import { endedBy, type SessionEnd } from './session-end';
import type { Cluster } from '../cluster/cluster';

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

const NONE: SessionCount = { ofUser: 0, onDevice: 0 };

/** Knows every session of this process and enforces how many there may be. */
export class SessionRegistry {
  private readonly sessions = new Set<Session>();
  /** Connections through gateways that are not sessions. */
  private readonly others = new Set<SessionParties>();
  private readonly listeners = new Set<(session: Session) => void>();
  private isStopping = false;

  constructor(private readonly quotas: Settings['sessionQuotas']) {}

  /** Why no session can be opened now, for any user. */
  refusal(): Refusal | undefined {
    if (this.isStopping) return new RemoteAccessError('shutting-down');
    const isFull = this.sessions.size >= MAX_SESSIONS;
    return isFull ? full(`The service has ${MAX_SESSIONS} sessions, its limit.`) : undefined;
  }

  /** The number of sessions of a user and of a device. */
  count({ caller, gateway }: SessionParties): SessionCount {
    let ofUser = 0;
    let onDevice = 0;
    const count = (other: SessionParties): void => {
      if (other.caller.tenant !== caller.tenant) return;
      if (other.caller.userName === caller.userName) ofUser += 1;
      if (other.gateway.id === gateway.id) onDevice += 1;
    };
    for (const { subject } of this.sessions) count(subject);
    for (const parties of this.others) count(parties);
    return { ofUser, onDevice };
  }

  /**
   * Why this user cannot open a session on this device; names the limit.
   * @param elsewhere the counts of other replicas, or anything else to be added
   */
  quotaRefusal(parties: SessionParties, elsewhere: SessionCount = NONE): Refusal | undefined {
    const { perUser, perDevice } = this.quotas;
    const here = this.count(parties);
    const ofUser = here.ofUser + elsewhere.ofUser;
    const onDevice = here.onDevice + elsewhere.onDevice;
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
   * @returns a function that releases its place
   */
  occupy(parties: SessionParties): (() => void) | Refusal {
    const refusal = this.refusal() ?? this.quotaRefusal(parties);
    if (refusal) return refusal;
    this.others.add(parties);
    return () => this.others.delete(parties);
  }

  /** Every session of this process that is not over. */
  all(): Iterable<Session> {
    return this.sessions;
  }

  /** The sessions of a tenant that have not ended, oldest first. */
  ofTenant(tenant: TenantId): readonly Session[] {
    return [...this.sessions].filter(session => session.tenant === tenant && !session.hasEnded);
  }

  /** The sessions on a device that have not ended, oldest first. */
  of(tenant: TenantId, deviceId: DeviceId): readonly Session[] {
    return this.ofTenant(tenant).filter(({ subject }) => subject.gateway.id === deviceId);
  }

  /** Also finds one that has ended and still has to deliver its last messages. */
  find(tenant: TenantId, id: string): Session | undefined {
    return [...this.sessions].find(session => session.id === id && session.tenant === tenant);
  }

  /** Ends the session if it exceeds a quota: several may have been admitted at the same moment. */
  add(session: Session): void {
    const error = this.quotaRefusal(session.subject);
    this.sessions.add(session);
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
    const sessions = [...this.sessions];
    for (const session of sessions) session.announceEnd('shutdown', graceMs);
    const allOver = Promise.all(sessions.map(session => session.over));
    let timer: NodeJS.Timeout | undefined;
    const graceOver = new Promise(resolve => (timer = setTimeout(resolve, graceMs)));
    await Promise.race([allOver, graceOver]);
    clearTimeout(timer);
  }

  endAllOf(tenant: TenantId, end: SessionEnd): void {
    for (const session of this.sessions) if (session.tenant === tenant) session.end(end);
  }

  /** Refuses new sessions and ends all others; resolves when they are over. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const sessions = [...this.sessions];
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
    cluster.answer('count', ({ tenant, userName, deviceId }) =>
      registry.count({ caller: { tenant, userName }, gateway: { id: deviceId } }),
    );
  }

  /**
   * @param counted how many of the counted sessions belong to the claim itself
   * @returns `too-many-requests`; a replica that does not answer counts as empty
   */
  async refusal(parties: SessionParties, counted = 0): Promise<Refusal | undefined> {
    const { caller, gateway } = parties;
    const { tenant, userName } = caller;
    const counts = await this.cluster.askAll('count', { tenant, userName, deviceId: gateway.id });
    const elsewhere = { ofUser: -counted, onDevice: -counted };
    for (const { ofUser, onDevice } of counts) {
      elsewhere.ofUser += ofUser;
      elsewhere.onDevice += onDevice;
    }
    return this.registry.quotaRefusal(parties, elsewhere);
  }

  /**
   * The same for a session that is already counted. Sessions that were admitted on two replicas at
   * the same moment see each other now.
   */
  async refusalOfCounted(parties: SessionParties): Promise<Refusal | undefined> {
    if (!this.cluster.isOn) return undefined;
    return this.refusal(parties, 1);
  }
}

function full(detail: string): Refusal {
  return new RemoteAccessError('too-many-requests', { detail });
}
