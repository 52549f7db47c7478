import { Inject } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayInit } from '@nestjs/websockets';
import {
  isRefusal,
  offeredResume,
  type Refusal,
  RemoteAccessError,
  type ResumeRequest,
  SUBPROTOCOLS,
} from '@remote-access/contracts';
import { offeredSubprotocols } from '@remote-access/relay';
import { type Cluster, CLUSTER } from '../cluster/cluster';
import type { Admission, Forward, Upgrade, UpgradeHandler, UpgradeRoute } from '../door/route';
import { CallerCredentials } from '../platform/caller-credentials';
import { SessionRegistry } from '../sessions/session-registry';
import { ConnectPolicy } from './connect-policy';
import { SessionResumes } from './session-resumes';
import { readResumeRequest } from './ticket-body';

/**
 * Resumes sessions with the caller's sign-in, which saves the request for a ticket. Everything that
 * is checked for a ticket is checked here: the caller needs the permission to connect and the key.
 */
@WebSocketGateway({ path: '/client/:deviceId/configurations/:configId/resume' })
export class ResumeGateway implements UpgradeHandler, OnGatewayInit<UpgradeRoute> {
  readonly subprotocols = [SUBPROTOCOLS.v1];
  readonly acceptsAnyKey = false;

  constructor(
    private readonly policy: ConnectPolicy,
    private readonly registry: SessionRegistry,
    private readonly resumes: SessionResumes,
    @Inject(CLUSTER) private readonly cluster: Cluster,
  ) {}

  afterInit(route: UpgradeRoute): void {
    route.serve(this);
  }

  async admit(upgrade: Upgrade): Promise<Admission | Forward | Refusal> {
    const stopping = this.registry.refusal();
    if (stopping) return stopping;
    const resume = requested(upgrade);
    if (isRefusal(resume)) return resume;
    const { request, parameters, origin, isForwarded } = upgrade;
    const use = { deviceId: parameters['deviceId']!, endpointId: parameters['configId']!, origin };
    const credentials = CallerCredentials.from(request);
    // Even if another replica runs the session: callers without permission must not reach it.
    const grant = await this.policy.admit(credentials, use.deviceId, use.endpointId);
    if (isRefusal(grant)) return grant;
    const isHere = this.registry.find(grant.caller.tenant, resume.sessionId) !== undefined;
    if (!isHere && !isForwarded) {
      const owner = await this.cluster.locate('session', resume.sessionId);
      if (isRefusal(owner)) return owner;
      if (owner !== undefined) return { owner };
    }
    return this.resumes.refusal(grant, use, resume) ?? this.resumes.claim(grant, use, resume);
  }
}

function requested({ request }: Upgrade): ResumeRequest | Refusal {
  const offered = offeredSubprotocols(request.headers['sec-websocket-protocol']) ?? [];
  const resume = offeredResume(offered);
  if (resume && offered.includes(SUBPROTOCOLS.v1)) return readResumeRequest(resume);
  const detail = `Offer the subprotocols ${SUBPROTOCOLS.v1} and resume.SESSION.OUTPUT.NEXT.KEY.`;
  return new RemoteAccessError('malformed-request', { detail });
}
