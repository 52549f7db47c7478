import { Inject, Injectable } from '@nestjs/common';
import { isRefusal, type Protocol, type Refusal } from '@remote-access/contracts';
import type { FramedConnection } from '@remote-access/relay';
import { type Cluster, CLUSTER } from '../cluster/cluster';
import { GatewayCalls } from '../gateway-call/gateway-call';
import { logSessionId, randomId } from '../logging/correlation';
import { MemoryBudget, type Reservation } from '../memory/memory-budget';
import { Metrics } from '../metrics/metrics';
import { CallerCredentials } from '../platform/caller-credentials';
import { TenantOptions } from '../tenant-settings/tenant-options';
import { Session, type SessionOptions } from '../sessions/session';
import { SessionJournal } from '../sessions/session-journal';
import type { SessionPlan, SessionSubject } from '../sessions/session-plan';
import { SessionQuotas, SessionRegistry } from '../sessions/session-registry';
import { SETTINGS, type Settings } from '../settings/settings';
import { callTarget, type ConnectGrant, locatedEndpoint, subjectOf } from './connect-policy';
import { SessionReviews } from './session-reviews';
import type { DesktopWatch } from './session-watches';
import { nameOf, Tickets, type TicketUse } from './tickets';

interface RenewedBy {
  readonly caller: SessionSubject['caller'];
}

/** Starts a session for each client that holds a grant. */
@Injectable()
export class SessionStarter {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly registry: SessionRegistry,
    private readonly calls: GatewayCalls,
    private readonly options: TenantOptions,
    private readonly journal: SessionJournal,
    private readonly metrics: Metrics,
    private readonly reviews: SessionReviews,
    private readonly memory: MemoryBudget,
    private readonly tickets: Tickets,
    private readonly quotas: SessionQuotas,
    @Inject(CLUSTER) private readonly cluster: Cluster,
  ) {
    cluster.answer('redeem-ticket', ({ ticket, ...use }) => {
      const grant = tickets.redeem(ticket, use);
      if (isRefusal(grant)) return null;
      const { tenant, userName } = grant.caller;
      return { tenant, userName, credentials: grant.credentials.forReplica() };
    });
  }

  /**
   * @param origin the origin that the client's further tickets must be issued for
   * @param watch set if the session shows the desktop of another session
   */
  start(
    socket: FramedConnection,
    grant: ConnectGrant,
    reservation: Reservation,
    origin: string,
    watch?: DesktopWatch,
  ): void {
    const session: Session = new Session(socket, {
      id: randomId(),
      subject: subjectOf(grant),
      origin,
      keep: grant.purpose?.keep,
      size: grant.purpose?.size,
      journal: this.journal,
      metrics: this.metrics,
      memory: { budget: this.memory, reservation },
      prepare: async () => {
        await watch?.join(session);
        return this.prepare(grant, session);
      },
      onRenewed: this.renewal(origin),
    });
    logSessionId(session.id);
    if (this.cluster.isOn) void session.over.then(this.cluster.announce('session', session.id));
    this.registry.add(session);
    this.reviews.add(session, grant.credentials);
    session.start();
  }

  /**
   * A ticket of another user, or for another endpoint, changes nothing. This function is created
   * here because it lives as long as the session and must not retain anything that only opening it
   * needed.
   */
  private renewal(origin: string): SessionOptions['onRenewed'] {
    return (session, ticket) => void this.renew(session, ticket, origin);
  }

  private async renew(session: Session, ticket: string, origin: string): Promise<void> {
    const { caller, gateway, endpoint } = session.subject;
    const use = { deviceId: gateway.id, endpointId: endpoint.id, origin };
    const grant = this.tickets.has(ticket)
      ? this.tickets.redeem(ticket, use)
      : await this.redeemElsewhere(ticket, use).catch(() => undefined);
    if (!grant || isRefusal(grant) || session.hasEnded) return;
    const { tenant, userName } = grant.caller;
    if (tenant !== caller.tenant || userName !== caller.userName) return;
    this.reviews.renew(session, grant.credentials);
  }

  /** The page's request for the ticket may have reached another replica. */
  private async redeemElsewhere(
    ticket: string,
    use: TicketUse,
  ): Promise<(Pick<ConnectGrant, 'credentials'> & RenewedBy) | Refusal | undefined> {
    const owner = await this.cluster.locate('ticket', nameOf(ticket));
    if (owner === undefined || isRefusal(owner)) return owner;
    const found = await this.cluster.ask(owner, 'redeem-ticket', { ticket, ...use });
    if (!found) return undefined;
    const { tenant, userName, credentials } = found;
    return {
      caller: { tenant, userName },
      credentials: CallerCredentials.fromReplica(credentials),
    };
  }

  private async prepare(grant: ConnectGrant, session: Session): Promise<SessionPlan> {
    const { caller, endpoint, driver, earlyCall } = grant;
    const full = await this.quotas.refusalOfAdded(session);
    if (full) throw full;
    const [options, openBridge] = await Promise.all([
      this.options.of(caller.tenant),
      driver.prepare(locatedEndpoint(grant), caller),
      // Its id, with which the client resumes it anywhere.
      this.cluster.announced(),
    ]);
    if (isRefusal(openBridge)) throw openBridge;
    const target = callTarget(grant, options.operationTimeoutMs);
    return {
      limits: { ...options, stalledReaderMs: this.settings.stalledReaderMs },
      auditRequired: options.auditRequired,
      keepMs: isTerminal(endpoint.protocol) ? options.resumeMs : 0,
      openBridge,
      createCall: listener => earlyCall?.takeOver(listener) ?? this.calls.create(target, listener),
    };
  }
}

/** Clients of the other protocols start with a handshake and cannot start drawing in mid-stream. */
function isTerminal(protocol: Protocol): boolean {
  return protocol === 'SSH' || protocol === 'TELNET';
}
