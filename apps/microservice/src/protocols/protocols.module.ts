import { Global, Module } from '@nestjs/common';
import { ProtocolDrivers } from './protocol-drivers';
import { SshDriver } from './ssh-driver';

@Global()
@Module({ providers: [ProtocolDrivers, SshDriver], exports: [ProtocolDrivers] })
export class ProtocolsModule {}
