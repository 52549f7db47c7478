import type {
  DeviceId,
  EndedBy,
  Endpoint,
  HostKeyAnswer,
  HostKeyMessage,
  Prompt,
  Refusal,
  RemoteAccessError,
  TenantId,
} from '@remote-access/contracts';
import type { TerminalSize } from '@remote-access/ssh';
import type { Duplex } from 'node:stream';
import type { Caller } from '../access/caller';

/** The endpoint to connect to, and where it stands: secrets are bound to the place. */
export interface EndpointPlace {
  readonly tenant: TenantId;
  readonly deviceId: DeviceId;
  readonly endpoint: Endpoint;
}

/** What the far end wants to know of a person; its texts are shown as they are. */
export interface PromptRequest {
  /** Empty where there is none. */
  readonly title: string;
  readonly instructions: string;
  readonly prompts: readonly Readonly<Prompt>[];
}

/**
 * Asks the person at the client; a second question waits for the answer to the first one.
 * Everything rejects with RemoteAccessError `question-unanswered` when nobody answers within two
 * minutes or the client leaves.
 */
export interface SessionQuestions {
  askHostKey(message: HostKeyMessage): Promise<HostKeyAnswer>;
  /** @returns as many answers as there are prompts; they are secrets */
  prompt(request: PromptRequest): Promise<readonly string[]>;
}

/** What a driver works with once the gateway has connected. */
export interface BridgeOpening {
  /** The bytes to and from the endpoint, through the gateway. */
  readonly deviceSide: Duplex;
  /**
   * The bytes to and from the client, for handshakes with it before the two are joined. Nothing
   * may be read beyond the handshake.
   */
  readonly clientSide: Duplex;
  /**
   * Whether the client speaks `remoteaccess.v1`: it draws what comes and tells its size. Raw clients
   * speak the endpoint's protocol themselves.
   */
  readonly speaksV1: boolean;
  /** The newest size that the client told. */
  readonly size: () => TerminalSize;
  /** Nobody can be asked in a raw session, of which it is absent. */
  readonly dialogue?: SessionQuestions;
  /** Whose session it is, for what is written down or changed on the way. */
  readonly caller: Caller;
  /** For keys that need no answer; the others are told by being asked. */
  readonly onHostKey: (message: HostKeyMessage) => void;
  readonly onSignedIn: () => void;
}

/** How the far side of a session ended. */
export interface BridgeEnd {
  readonly by: Extract<EndedBy, 'gateway' | 'target'>;
  readonly error?: RemoteAccessError;
  readonly exitStatus?: number;
  /** Such as `SIGTERM`. */
  readonly exitSignal?: string;
}

/** The far side of an open session as the client talks to it. */
export interface OpenBridge {
  /** Joined with the client's bytes, byte for byte. */
  readonly target: Duplex;
  resize(size: TerminalSize): void;
  /** Sends a break, where the protocol has one. */
  sendBreak?(): void;
  /** Asked when the target has ended by itself. */
  end(): BridgeEnd;
}

export interface Bridge extends OpenBridge {
  /**
   * What the client and the service have to say to each other before the two sides are joined, in
   * an open session; rejects with RemoteAccessError. Nobody holds it afterwards.
   */
  readonly greet?: () => Promise<void>;
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
