import type { Duplex } from 'node:stream';
import type { Bridge, BridgeOpener, ProtocolDriver } from './protocol-driver';

/** The bytes as they are, for clients that speak the protocol themselves. */
export class RawDriver implements ProtocolDriver {
  prepare(): Promise<BridgeOpener> {
    return Promise.resolve(({ deviceSide }) => Promise.resolve(plainBridge(deviceSide)));
  }
}

/** To a target that is nothing but bytes: it has no size and says nothing of its end. */
export function plainBridge(target: Duplex): Bridge {
  return { target, resize: () => undefined, end: () => ({ by: 'target' }) };
}
