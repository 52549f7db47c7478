import { Injectable } from '@nestjs/common';
import { isRefusal, type Refusal, SUBPROTOCOLS } from '@remote-access/contracts';
import { FailedSignIns } from '../access/failed-attempts';
import type { Admitted, Upgrade, UpgradeAdmission } from '../door/upgrade';
import { ConnectConditions } from '../options/connect-conditions';
import { CallerCredentials } from '../platform/caller-credentials';
import type { ConnectGrant } from './connect-grant';
import { ConnectPermission } from './connect-permission';
import { SessionRegistry } from './session-registry';
import { TicketOffice } from './ticket-office';

/** Who may open a session: whoever has a ticket, or signs in and may connect. */
@Injectable()
export class ClientAdmission implements UpgradeAdmission<ConnectGrant> {
  readonly subprotocols = [SUBPROTOCOLS.v1, SUBPROTOCOLS.raw];
  readonly takesAnyKey = false;

  constructor(
    private readonly tickets: TicketOffice,
    private readonly permission: ConnectPermission,
    private readonly registry: SessionRegistry,
    private readonly conditions: ConnectConditions,
    private readonly failedSignIns: FailedSignIns,
  ) {}

  async admit(upgrade: Upgrade): Promise<Admitted<ConnectGrant> | Refusal> {
    const refusal = this.registry.refusal();
    if (refusal) return refusal;
    const grant = await this.grant(upgrade);
    return isRefusal(grant) ? grant : { attachment: grant, abandon: () => undefined };
  }

  private async grant(upgrade: Upgrade): Promise<ConnectGrant | Refusal> {
    const { parameters, query, request, origin } = upgrade;
    const deviceId = parameters['deviceId']!;
    const endpointId = parameters['configId']!;
    const ticket = query.get('ticket');
    if (ticket !== null) {
      const grant = this.tickets.redeem(ticket, { deviceId, endpointId, origin });
      if (isRefusal(grant)) return grant;
      // Switched off since the ticket was given.
      return (await this.conditions.refusal(grant.caller.tenant)) ?? grant;
    }

    const credentials = CallerCredentials.from(request);
    const grant = await this.permission.decide(credentials, deviceId, endpointId);
    return isRefusal(grant) ? this.failedSignIns.throttle(request, grant) : grant;
  }
}
