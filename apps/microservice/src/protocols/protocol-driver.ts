import type {
  DeviceId,
  Endpoint,
  EndedBy,
  HostKeyMessage,
  RemoteAccessError,
  TenantId,
} from '@remote-access/contracts';
import type { TerminalSize } from '@remote-access/ssh';
import type { Duplex } from 'node:stream';
import type { Refusal } from '../access/refusal';

/** The endpoint to connect to, and where it stands: secrets are bound to the place. */
export interface EndpointPlace {
  readonly tenant: TenantId;
  readonly deviceId: DeviceId;
  readonly endpoint: Endpoint;
}

/** What a driver works with once the gateway has connected. */
export interface BridgeOpening {
  /** The bytes to and from the endpoint, through the gateway. */
  readonly deviceSide: Duplex;
  /** The newest size that the client told. */
  readonly size: () => TerminalSize;
  readonly onHostKey: (message: HostKeyMessage) => void;
  readonly onSignedIn: () => void;
}

/** How the far side of a session ended. */
export interface BridgeEnd {
  readonly by: Extract<EndedBy, 'gateway' | 'target'>;
  readonly error?: RemoteAccessError;
  readonly exitStatus?: number;
}

/** The far side of a session as the client talks to it. */
export interface Bridge {
  /** Joined with the client's bytes, byte for byte. */
  readonly target: Duplex;
  resize(size: TerminalSize): void;
  /** Asked when the target has ended by itself. */
  end(): BridgeEnd;
}

/** Opens a bridge; throws RemoteAccessError, the device side is destroyed then. */
export type BridgeOpener = (opening: BridgeOpening) => Promise<Bridge>;

/** Speaks one protocol to endpoints. */
export interface ProtocolDriver {
  /**
   * All that can be refused before a gateway is asked: secrets that do not open, keys that cannot
   * be read, ways to sign in that are not served.
   */
  prepare(place: EndpointPlace): Promise<BridgeOpener | Refusal>;
}
