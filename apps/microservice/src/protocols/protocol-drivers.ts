import { Global, Injectable, Module } from '@nestjs/common';
import type { Endpoint } from '@remote-access/contracts';
import { type ProtocolDriver, RawDriver } from './protocol-driver';
import { SshDriver } from './ssh-driver';
import { TelnetDriver } from './telnet-driver';
import { VncDriver } from './vnc-driver';
import { SshCredentials } from './ssh-credentials';

/** Knows which driver serves which endpoint. */
@Injectable()
export class ProtocolDrivers {
  private readonly raw = new RawDriver();
  private readonly telnet = new TelnetDriver(this.raw);

  constructor(
    private readonly ssh: SshDriver,
    private readonly vnc: VncDriver,
  ) {}

  for({ protocol }: Endpoint): ProtocolDriver {
    switch (protocol) {
      case 'SSH':
        return this.ssh;
      case 'TELNET':
        return this.telnet;
      case 'PASSTHROUGH':
        return this.raw;
      case 'VNC':
        return this.vnc;
      default:
        return protocol satisfies never;
    }
  }
}

@Global()
@Module({
  providers: [ProtocolDrivers, SshCredentials, SshDriver, VncDriver],
  exports: [ProtocolDrivers],
})
export class ProtocolsModule {}
