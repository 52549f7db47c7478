import { Injectable } from '@nestjs/common';
import { isRefusal } from '@remote-access/contracts';
import type { WebSocket } from 'ws';
import { GatewayCalls } from '../gateway-call/gateway-calls';
import { logSessionId, randomId } from '../logging/correlation';
import { MemoryBudget, type Reservation } from '../memory/memory-budget';
import { TenantOptions } from '../tenant-settings/tenant-options';
import { Session, type SessionPlan, type SessionSubject } from '../sessions/session';
import { SessionJournal } from '../sessions/session-journal';
import { SessionRegistry } from '../sessions/session-registry';
import type { ConnectGrant } from './connect-policy';
import { SessionReviews } from './session-reviews';

/** Starts a session for each client that was granted one. */
@Injectable()
export class SessionStarter {
  constructor(
    private readonly registry: SessionRegistry,
    private readonly calls: GatewayCalls,
    private readonly options: TenantOptions,
    private readonly journal: SessionJournal,
    private readonly reviews: SessionReviews,
    private readonly memory: MemoryBudget,
  ) {}

  start(socket: WebSocket, grant: ConnectGrant, reservation: Reservation): void {
    const session = new Session(socket, {
      id: randomId(),
      subject: subjectOf(grant),
      journal: this.journal,
      memory: { budget: this.memory, reservation },
      prepare: () => this.prepare(grant),
    });
    logSessionId(session.id);
    this.registry.add(session);
    this.reviews.add(session, grant.credentials);
    session.start();
  }

  private async prepare(grant: ConnectGrant): Promise<SessionPlan> {
    const { caller, credentials, gateway, endpoint, binding, driver } = grant;
    const { tenant } = caller;
    const [options, openBridge] = await Promise.all([
      this.options.of(tenant),
      driver.prepare({ tenant, deviceId: gateway.id, endpoint, binding }, caller),
    ]);
    if (isRefusal(openBridge)) throw openBridge;
    const target = {
      tenant,
      credentials,
      deviceId: gateway.id,
      gatewayName: gateway.name,
      hostname: endpoint.hostname,
      port: endpoint.port,
      timeoutMs: options.operationTimeoutMs,
    };
    return {
      limits: options,
      auditRequired: options.auditRequired,
      openBridge,
      createCall: listener => this.calls.create(target, listener),
    };
  }
}

/** What of a grant a running session keeps: not the endpoint's credentials, nor the caller's roles. */
function subjectOf({ caller, gateway, endpoint, notice, rights }: ConnectGrant): SessionSubject {
  const { tenant, userName } = caller;
  const { id, name, protocol, hostname, port, viewOnly = false } = endpoint;
  return {
    caller: { tenant, userName },
    gateway,
    endpoint: { id, name, protocol, hostname, port, viewOnly },
    notice,
    rights,
  };
}
