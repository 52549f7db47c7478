import { Controller, Inject, Param, Post, Req } from '@nestjs/common';
import { orThrow, type Ticket } from '@remote-access/contracts';
import type { Request } from 'express';
import { ApiRoute } from '../api-description/api-route';
import { schemaRef } from '../api-description/schemas';
import { originOf } from '../door/origin';
import { RequestBodies } from '../http/request-body';
import { CallerCredentials } from '../platform/caller-credentials';
import { SETTINGS, type Settings } from '../settings/settings';
import { ConnectPolicy } from './connect-policy';
import { SessionRegistry } from '../sessions/session-registry';
import { TicketIssuer } from './ticket-issuer';

/** Makes the whole access decision in advance, so that the WebSocket that follows opens at once. */
@Controller('client/:deviceId/configurations/:endpointId/tickets')
export class TicketsController {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly policy: ConnectPolicy,
    private readonly bodies: RequestBodies,
    private readonly registry: SessionRegistry,
    private readonly issuer: TicketIssuer,
  ) {}

  @Post()
  @ApiRoute({
    summary: 'Issues a ticket for opening the WebSocket',
    details: 'Valid once, within 30 seconds, for this endpoint and this origin.',
    body: { schema: schemaRef('TicketBody'), example: {}, required: false },
    answers: [{ status: 201, text: 'The ticket.', schema: schemaRef('Ticket') }],
    refusals: [
      'forbidden',
      'foreign-origin',
      'remote-access-off',
      'device-not-found',
      'endpoint-not-found',
      'invalid-endpoint',
      'endpoint-unconfirmed',
      'no-key-material',
      'not-capable',
      'protocol-not-allowed',
      'notice-not-accepted',
      'too-many-requests',
      'shutting-down',
      'session-not-found',
      'watch-off',
      'not-watchable',
      'malformed-request',
    ],
  })
  async issue(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
    @Param('endpointId') endpointId: string,
  ): Promise<Ticket> {
    const stopping = this.registry.refusal();
    if (stopping) throw stopping;
    const origin = orThrow(originOf(request, this.settings));
    const credentials = CallerCredentials.from(request);
    const grant = orThrow(await this.policy.admit(credentials, deviceId, endpointId));
    const body = await this.bodies.read(request, grant.caller);
    return orThrow(await this.issuer.issue(grant, { deviceId, endpointId, origin }, body));
  }
}
