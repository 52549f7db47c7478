import type { Bridge, BridgeOpening, ProtocolDriver } from './protocol-driver';

/** The bytes as they are, for clients that speak the protocol themselves. */
export class RawDriver implements ProtocolDriver {
  prepare(): Promise<(opening: BridgeOpening) => Promise<Bridge>> {
    return Promise.resolve(({ deviceSide }) =>
      Promise.resolve({
        target: deviceSide,
        resize: () => undefined,
        end: () => ({ by: 'target' as const }),
      }),
    );
  }
}
