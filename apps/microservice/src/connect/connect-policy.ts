import { Injectable } from '@nestjs/common';
import {
  type DeviceId,
  type Endpoint,
  type EndpointId,
  isRefusal,
  type Refusal,
} from '@remote-access/contracts';
import { AccessPolicy, type GatewayAccess } from '../access/access-policy';
import type { Caller, ShownRights } from '../access/caller';
import { RefusedAttempts } from '../audit/refused-attempts';
import { EndpointDirectory, type VerifiedEndpoint } from '../endpoints/endpoint-directory';
import type { CallTarget } from '../gateway-call/gateway-call';
import { ConnectConditions, type NoticeRemark } from '../tenant-settings/connect-conditions';
import type { CallerCredentials } from '../platform/caller-credentials';
import type { LocatedEndpoint, ProtocolDriver } from '../protocols/protocol-driver';
import { ProtocolDrivers } from '../protocols/protocol-drivers';
import type { SessionSubject } from '../sessions/session-plan';
import type { EarlyCall } from './early-calls';
import type { TicketBody } from './ticket-body';

/** A positive access decision for one connection. */
export interface ConnectGrant {
  readonly caller: Caller;
  readonly credentials: CallerCredentials;
  readonly rights: ShownRights;
  /** Does not include the managed object, which is large if a gateway has many endpoints. */
  readonly gateway: { readonly id: DeviceId; readonly name: string };
  readonly endpoint: Endpoint;
  readonly binding: VerifiedEndpoint['binding'];
  readonly driver: ProtocolDriver;
  readonly notice: NoticeRemark;
  /** What the connection is for; by default a new session that cannot be resumed. */
  readonly purpose?: Pick<TicketBody, 'resume' | 'watch' | 'keep' | 'size'>;
  /** The call that was placed when the ticket was issued. */
  readonly earlyCall?: EarlyCall;
}

/** The endpoint that a driver connects to. */
export function locatedEndpoint({
  caller,
  gateway,
  endpoint,
  binding,
}: ConnectGrant): LocatedEndpoint {
  return { tenant: caller.tenant, deviceId: gateway.id, endpoint, binding };
}

/** The part of a grant that a running session keeps: neither credentials nor the caller's roles. */
export function subjectOf({
  caller,
  gateway,
  endpoint,
  notice,
  rights,
}: ConnectGrant): SessionSubject {
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

/** @param timeoutMs how long the gateway may take to connect to the service */
export function callTarget(
  { caller, credentials, gateway, endpoint }: ConnectGrant,
  timeoutMs: number,
): CallTarget {
  return {
    tenant: caller.tenant,
    credentials,
    deviceId: gateway.id,
    gatewayName: gateway.name,
    hostname: endpoint.hostname,
    port: endpoint.port,
    timeoutMs,
  };
}

/**
 * Decides whether a caller may connect to an endpoint: the access policy for the gateway, what the
 * tenant requires of everyone, and what the endpoint and the gateway support.
 */
@Injectable()
export class ConnectPolicy {
  constructor(
    private readonly access: AccessPolicy,
    private readonly directory: EndpointDirectory,
    private readonly drivers: ProtocolDrivers,
    private readonly conditions: ConnectConditions,
    private readonly refused: RefusedAttempts,
  ) {}

  /** {@link decide} for a new session; refusing an identified caller is audited. */
  async admit(
    credentials: CallerCredentials | undefined,
    deviceId: DeviceId,
    endpointId: EndpointId,
  ): Promise<ConnectGrant | Refusal> {
    let caller: Caller | undefined;
    const decided = await this.decide(credentials, deviceId, endpointId, known => (caller = known));
    if (caller && isRefusal(decided)) this.refused.record(caller, deviceId, endpointId, decided);
    return decided;
  }

  /** @param onCaller receives the caller once the platform has identified it */
  async decide(
    credentials: CallerCredentials | undefined,
    deviceId: DeviceId,
    endpointId: EndpointId,
    onCaller?: (caller: Caller) => void,
  ): Promise<ConnectGrant | Refusal> {
    const access = await this.access.authorize(credentials, deviceId, 'read', onCaller);
    if (isRefusal(access)) return access;
    const decided = await this.decideOn(access, endpointId);
    return isRefusal(decided) ? decided : { ...decided, credentials: credentials! };
  }

  /** The part of {@link decide} that does not depend on the caller's credentials. */
  async decideOn(
    { caller, gateway }: GatewayAccess,
    endpointId: EndpointId,
  ): Promise<Omit<ConnectGrant, 'credentials'> | Refusal> {
    const off = await this.conditions.refusal(caller.tenant);
    if (off) return off;
    const found = await this.directory.find(caller.tenant, gateway, endpointId);
    if (isRefusal(found)) return found;
    const { endpoint, binding } = found;
    const refusal = gateway.refusalOf(endpoint.protocol);
    if (refusal) return refusal;
    const driver = this.drivers.for(endpoint);
    const notice = await this.conditions.withoutNotice(caller.tenant);
    const rights = this.access.shownRights(caller, gateway);
    const { id, name } = gateway;
    const grant = { caller, rights, gateway: { id, name }, driver, notice };
    return { ...grant, endpoint, binding };
  }
}
