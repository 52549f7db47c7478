import { Module } from '@nestjs/common';
import { AccessReview } from './access-review';
import { ClientGateway } from './client.gateway';
import { ConnectPermission } from './connect-permission';
import { DeviceGateway } from './device.gateway';
import { GatewayDialler } from './gateway-dialler';
import { SessionJournal } from './session-journal';
import { SessionOpener } from './session-opener';
import { SessionRegistry } from './session-registry';
import { SessionSupervisor } from './session-supervisor';
import { SessionsController } from './sessions.controller';
import { TicketOffice } from './ticket-office';
import { TicketsController } from './tickets.controller';
import { UpgradeOnlyController } from './upgrade-only.controller';

@Module({
  controllers: [SessionsController, TicketsController, UpgradeOnlyController],
  providers: [
    AccessReview,
    ClientGateway,
    ConnectPermission,
    DeviceGateway,
    GatewayDialler,
    SessionJournal,
    SessionOpener,
    SessionRegistry,
    SessionSupervisor,
    TicketOffice,
  ],
  exports: [GatewayDialler],
})
export class SessionsModule {}
