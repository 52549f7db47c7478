import { All, Controller, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { WebSocketGateway, type OnGatewayInit } from '@nestjs/websockets';
import { isRefusal, type Refusal, RemoteAccessError, SUBPROTOCOLS } from '@remote-access/contracts';
import { offeredSubprotocols } from '@remote-access/relay';
import { RefusedAttempts } from '../audit/refused-attempts';
import { type Cluster, CLUSTER } from '../cluster/cluster';
import type { Admission, Forward, Upgrade, UpgradeHandler, UpgradeRoute } from '../door/route';
import { ConnectConditions } from '../tenant-settings/connect-conditions';
import { MemoryBudget } from '../memory/memory-budget';
import { CallerCredentials } from '../platform/caller-credentials';
import { type ConnectGrant, ConnectPolicy } from './connect-policy';
import { SessionResumes } from './session-resumes';
import { SessionStarter } from './session-starter';
import { SessionWatches } from './session-watches';
import { SESSION_BYTES } from '../sessions/session-memory';
import { SessionQuotas, SessionRegistry } from '../sessions/session-registry';
import { nameOf, Tickets } from './tickets';

/**
 * The client's side of sessions (docs/wire.md): admits callers with a ticket, and callers whose
 * credentials allow them to connect.
 */
@WebSocketGateway({ path: '/client/:deviceId/configurations/:configId' })
export class ClientGateway implements UpgradeHandler, OnGatewayInit<UpgradeRoute> {
  readonly subprotocols = [SUBPROTOCOLS.v1, SUBPROTOCOLS.raw];
  readonly acceptsAnyKey = false;

  constructor(
    private readonly tickets: Tickets,
    private readonly policy: ConnectPolicy,
    private readonly registry: SessionRegistry,
    private readonly conditions: ConnectConditions,
    private readonly starter: SessionStarter,
    private readonly memory: MemoryBudget,
    private readonly refused: RefusedAttempts,
    private readonly resumes: SessionResumes,
    private readonly quotas: SessionQuotas,
    private readonly watches: SessionWatches,
    @Inject(CLUSTER) private readonly cluster: Cluster,
  ) {}

  afterInit(route: UpgradeRoute): void {
    route.serve(this);
  }

  async admit(upgrade: Upgrade): Promise<Admission | Forward | Refusal> {
    const refusal = this.registry.refusal();
    if (refusal) return refusal;
    const elsewhere = await this.elsewhere(upgrade);
    if (elsewhere) return elsewhere;
    const grant = await this.grant(upgrade);
    if (isRefusal(grant)) return grant;
    const { resume, watch: watchRequest, keep } = grant.purpose ?? {};
    if ((resume ?? watchRequest ?? keep) && !offersV1(upgrade)) {
      const detail = 'Sessions are resumed and watched only with the subprotocol remoteaccess.v1.';
      return new RemoteAccessError('malformed-request', { detail });
    }
    if (resume) {
      const { gateway, endpoint } = grant;
      const use = { deviceId: gateway.id, endpointId: endpoint.id, origin: upgrade.origin };
      return this.resumes.claim(grant, use, resume);
    }
    if (watchRequest && grant.endpoint.protocol !== 'VNC') {
      return this.watches.watchTerminal(grant, watchRequest);
    }
    const watch = watchRequest && (await this.watches.watchDesktop(grant, watchRequest));
    if (isRefusal(watch)) return watch;
    const full = await this.quotas.refusal(grant);
    const reserved = full ?? this.memory.reserve(grant.caller, SESSION_BYTES);
    if (isRefusal(reserved)) {
      this.refused.record(grant.caller, grant.gateway.id, grant.endpoint.id, reserved);
      return reserved;
    }
    return {
      connected: socket => this.starter.start(socket, grant, reserved, upgrade.origin, watch),
      abandoned: () => reserved.release(),
    };
  }

  /** The replica that issued the ticket serves the session, because it holds the grant. */
  private async elsewhere({ query, isForwarded }: Upgrade): Promise<Forward | Refusal | undefined> {
    const ticket = query.get('ticket');
    if (ticket === null || isForwarded || this.tickets.has(ticket)) return undefined;
    const owner = await this.cluster.locate('ticket', nameOf(ticket));
    return owner === undefined || isRefusal(owner) ? owner : { owner };
  }

  private async grant(upgrade: Upgrade): Promise<ConnectGrant | Refusal> {
    const { parameters, query, request, origin } = upgrade;
    const deviceId = parameters['deviceId']!;
    const endpointId = parameters['configId']!;
    const ticket = query.get('ticket');
    if (ticket !== null) {
      const grant = this.tickets.redeem(ticket, { deviceId, endpointId, origin });
      if (isRefusal(grant)) return grant;
      // Remote access may have been disabled since the ticket was issued.
      return (await this.conditions.refusal(grant.caller.tenant)) ?? grant;
    }

    const credentials = CallerCredentials.from(request);
    return this.policy.admit(credentials, deviceId, endpointId);
  }
}

function offersV1({ request }: Upgrade): boolean {
  const offered = offeredSubprotocols(request.headers['sec-websocket-protocol']);
  return offered?.includes(SUBPROTOCOLS.v1) ?? false;
}

/** Answers requests to the WebSocket addresses that are not upgrades. */
@Controller()
@ApiExcludeController()
export class UpgradeOnlyController {
  @All([
    'client/:deviceId/configurations/:endpointId',
    'client/:deviceId/configurations/:endpointId/resume',
    'device/:connectionKey',
  ])
  refuse(): never {
    throw new RemoteAccessError('method-not-allowed', {
      detail: 'This address only accepts WebSockets.',
    });
  }
}
