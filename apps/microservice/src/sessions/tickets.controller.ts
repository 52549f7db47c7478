import { Controller, Inject, Param, Post, Req } from '@nestjs/common';
import type { Ticket } from '@remote-access/contracts';
import type { Request } from 'express';
import { isRefusal, type Refusal } from '../access/refusal';
import { originOf } from '../door/origin-check';
import { CallerCredentials } from '../platform/caller-credentials';
import { SETTINGS, type Settings } from '../settings/settings';
import { ConnectPermission } from './connect-permission';
import { TicketOffice } from './ticket-office';

/** Makes the whole access decision, so that the WebSocket that follows opens at once. */
@Controller('client/:deviceId/configurations/:endpointId/tickets')
export class TicketsController {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly permission: ConnectPermission,
    private readonly office: TicketOffice,
  ) {}

  @Post()
  async issue(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
    @Param('endpointId') endpointId: string,
  ): Promise<Ticket> {
    const origin = granted(originOf(request, this.settings));
    const credentials = CallerCredentials.from(request);
    const grant = granted(await this.permission.decide(credentials, deviceId, endpointId));
    return granted(this.office.issue(grant, { deviceId, endpointId, origin }));
  }
}

/** The border to Nest, where refusals become exceptions that its filter answers. */
function granted<Value>(answer: Value | Refusal): Value {
  if (isRefusal(answer)) throw answer;
  return answer;
}
