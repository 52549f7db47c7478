import {
  allowedProtocols,
  type DeviceId,
  isGateway,
  type Protocol,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import type { ManagedObject } from '@remote-access/contracts/platform';

/** A gateway as its managed object describes it: its capabilities and what it allows. */
export class Gateway {
  readonly id: DeviceId;
  readonly name: string;

  constructor(readonly managedObject: ManagedObject) {
    this.id = managedObject.id;
    // Users with inventory permissions can set it, so it may be of any type.
    const name: unknown = managedObject.name;
    this.name = typeof name === 'string' ? name : managedObject.id;
  }

  /** Whether the device supports remote access. */
  get capable(): boolean {
    return isGateway(this.managedObject);
  }

  get protocols(): readonly Protocol[] {
    return allowedProtocols(this.managedObject);
  }

  /** Why the gateway cannot serve endpoints of this protocol; `undefined` if it can. */
  refusalOf(protocol: Protocol): Refusal | undefined {
    if (!this.capable) return new RemoteAccessError('not-capable');
    if (!this.protocols.includes(protocol)) return new RemoteAccessError('protocol-not-allowed');
    return undefined;
  }
}
