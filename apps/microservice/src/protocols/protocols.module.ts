import { Global, Module } from '@nestjs/common';
import { ProtocolDrivers } from './protocol-drivers';
import { SshCredentials } from './ssh-credentials';
import { SshDriver } from './ssh-driver';
import { VncDriver } from './vnc-driver';

@Global()
@Module({
  providers: [ProtocolDrivers, SshCredentials, SshDriver, VncDriver],
  exports: [ProtocolDrivers],
})
export class ProtocolsModule {}
