import {
  type DeviceId,
  type Protocol,
  PROTOCOLS,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';

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
    const operations: unknown = this.managedObject.c8y_SupportedOperations;
    return Array.isArray(operations) && operations.includes(FRAGMENTS.connect);
  }

  /** Unknown names are ignored; an absent list, or one without a known name, allows all. */
  get protocols(): readonly Protocol[] {
    const declared = this.managedObject[FRAGMENTS.supportedProtocols];
    const names = new Set(
      Array.isArray(declared) ? declared.map(name => String(name).toUpperCase()) : [],
    );
    const known = PROTOCOLS.filter(protocol => names.has(protocol));
    return known.length > 0 ? known : PROTOCOLS;
  }

  /** Why the gateway takes no endpoint of this protocol; `undefined` when it does. */
  refusalOf(protocol: Protocol): Refusal | undefined {
    if (!this.capable) return new RemoteAccessError('not-capable');
    if (!this.protocols.includes(protocol)) return new RemoteAccessError('protocol-not-allowed');
    return undefined;
  }
}
