import {
  allowedProtocols,
  type DeviceId,
  isGateway,
  type Protocol,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import type { ManagedObject } from '@remote-access/contracts/platform';

/** A device as its managed object says: what it can and what it allows. */
export class Gateway {
  readonly id: DeviceId;
  readonly name: string;

  constructor(readonly managedObject: ManagedObject) {
    this.id = managedObject.id;
    this.name = managedObject.name ?? managedObject.id;
  }

  /** Whether the device takes part in remote access at all. */
  get capable(): boolean {
    return isGateway(this.managedObject);
  }

  get protocols(): readonly Protocol[] {
    return allowedProtocols(this.managedObject);
  }

  /** Why the gateway takes no endpoint of this protocol; `undefined` when it does. */
  refusalOf(protocol: Protocol): Refusal | undefined {
    if (!this.capable) return new RemoteAccessError('not-capable');
    if (!this.protocols.includes(protocol)) return new RemoteAccessError('protocol-not-allowed');
    return undefined;
  }
}
