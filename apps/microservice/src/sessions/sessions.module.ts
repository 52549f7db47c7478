import { Module } from '@nestjs/common';
import { ClientAdmission } from './client-admission';
import { ClientGateway } from './client.gateway';
import { ConnectPermission } from './connect-permission';
import { DeviceAdmission } from './device-admission';
import { DeviceGateway } from './device.gateway';
import { SessionJournal } from './session-journal';
import { SessionOpener } from './session-opener';
import { SessionRegistry } from './session-registry';
import { TicketOffice } from './ticket-office';
import { TicketsController } from './tickets.controller';
import { UpgradeOnlyController } from './upgrade-only.controller';

@Module({
  controllers: [TicketsController, UpgradeOnlyController],
  providers: [
    ClientAdmission,
    ClientGateway,
    ConnectPermission,
    DeviceAdmission,
    DeviceGateway,
    SessionJournal,
    SessionOpener,
    SessionRegistry,
    TicketOffice,
  ],
})
export class SessionsModule {}
