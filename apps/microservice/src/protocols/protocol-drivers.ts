import { Injectable } from '@nestjs/common';
import { RemoteAccessError, type Endpoint } from '@remote-access/contracts';
import type { Refusal } from '../access/refusal';
import type { ProtocolDriver } from './protocol-driver';
import { RawDriver } from './raw-driver';
import { SshDriver } from './ssh-driver';

/** Knows which driver serves which endpoint. */
@Injectable()
export class ProtocolDrivers {
  private readonly raw = new RawDriver();

  constructor(private readonly ssh: SshDriver) {}

  /** @returns `protocol-not-served` for what would need a sign-in that nobody makes yet */
  for({ protocol, credentials }: Endpoint): ProtocolDriver | Refusal {
    switch (protocol) {
      case 'SSH':
        return this.ssh;
      case 'TELNET':
      case 'PASSTHROUGH':
        return this.raw;
      case 'VNC': {
        if (credentials.type === 'NONE') return this.raw;
        const detail =
          'Signing in to VNC with a stored password is not available yet. ' +
          'Remove the password from the endpoint to be asked for it instead.';
        return new RemoteAccessError('protocol-not-served', { detail });
      }
      default:
        return protocol satisfies never;
    }
  }
}
