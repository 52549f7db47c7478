import { Injectable } from '@nestjs/common';
import { type DeviceId, type EndpointId, isRefusal, type Refusal } from '@remote-access/contracts';
import { AccessPolicy } from '../access/access-policy';
import { EndpointDirectory } from '../endpoints/endpoint-directory';
import { ConnectConditions } from '../tenant-settings/connect-conditions';
import type { CallerCredentials } from '../platform/caller-credentials';
import { ProtocolDrivers } from '../protocols/protocol-drivers';
import type { ConnectGrant } from './connect-grant';

/** Decides whether a caller may connect to an endpoint, and whether anybody can. */
@Injectable()
export class ConnectPermission {
  constructor(
    private readonly access: AccessPolicy,
    private readonly directory: EndpointDirectory,
    private readonly drivers: ProtocolDrivers,
    private readonly conditions: ConnectConditions,
  ) {}

  async decide(
    credentials: CallerCredentials | undefined,
    deviceId: DeviceId,
    endpointId: EndpointId,
  ): Promise<ConnectGrant | Refusal> {
    const admission = await this.access.authorize(credentials, deviceId, 'read');
    if (isRefusal(admission)) return admission;
    const { caller, gateway } = admission;
    const off = await this.conditions.refusal(caller.tenant);
    if (off) return off;
    const endpoint = this.directory.find(gateway, endpointId);
    if (isRefusal(endpoint)) return endpoint;
    const refusal = gateway.refusalOf(endpoint.protocol);
    if (refusal) return refusal;
    const driver = this.drivers.for(endpoint);
    const notice = await this.conditions.withoutNotice(caller.tenant);
    const { id, name } = gateway;
    return { caller, credentials: credentials!, gateway: { id, name }, endpoint, driver, notice };
  }
}
