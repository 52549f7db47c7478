import type { Duplex } from 'node:stream';
import type { DeviceId, Endpoint, Refusal, TenantId } from '@remote-access/contracts';
import type { Caller } from '../access/caller';
import type { SecretOwner } from '../secrets/secret-vault';
import type { Bridge, BridgeOpener, BridgeOutcome } from '../sessions/bridge';

/** The endpoint to connect to and its gateway: secrets are bound to both. */
export interface LocatedEndpoint {
  readonly tenant: TenantId;
  readonly deviceId: DeviceId;
  readonly endpoint: Endpoint;
  readonly binding: SecretOwner['binding'];
}

/** Speaks one protocol to endpoints. */
export interface ProtocolDriver {
  /**
   * Everything that can be refused before a gateway is called: secrets that cannot be unsealed,
   * unreadable keys, unsupported sign-in methods.
   * @param caller the user on whose behalf host keys are saved
   */
  prepare(located: LocatedEndpoint, caller: Caller): Promise<BridgeOpener | Refusal>;
}

/** Passes the bytes through, for clients that speak the protocol themselves. */
export class RawDriver implements ProtocolDriver {
  prepare(): Promise<BridgeOpener> {
    return Promise.resolve(({ deviceSide }) => Promise.resolve(plainBridge(deviceSide)));
  }
}

/**
 * A bridge to a target that is a plain byte stream: it has no size and does not report how it
 * ended.
 */
export function plainBridge(target: Duplex): Bridge {
  return { target, resize: nothingToResize, outcome: endedByTarget };
}

function nothingToResize(): void {
  // A plain byte stream has no size.
}

function endedByTarget(): BridgeOutcome {
  return { by: 'target' };
}
