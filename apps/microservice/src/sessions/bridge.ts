import type { Duplex } from 'node:stream';
import type {
  EndedBy,
  HostKeyAnswer,
  HostKeyMessage,
  Prompt,
  RemoteAccessError,
  SignInWarning,
} from '@remote-access/contracts';
import type { TerminalSize } from '@remote-access/ssh';

/** Questions of the remote server for the user; its texts are shown unchanged. */
export interface PromptRequest {
  /** Empty if there is none. */
  readonly title: string;
  readonly instructions: string;
  readonly prompts: readonly Readonly<Prompt>[];
}

/**
 * Asks the user at the client, one question after the other. Everything rejects with
 * RemoteAccessError `question-unanswered` if nobody answers within two minutes or the client
 * leaves.
 */
export interface UserPrompts {
  askHostKey(message: HostKeyMessage): Promise<HostKeyAnswer>;
  /** @returns as many answers as there are prompts; they are secrets */
  prompt(request: PromptRequest): Promise<readonly string[]>;
}

/** Everything a protocol driver gets once the gateway has connected. */
export interface BridgeOpening {
  /** The bytes to and from the endpoint, through the gateway. */
  readonly deviceSide: Duplex;
  /**
   * The bytes to and from the client, for handshakes with it before the two sides are joined.
   * Nothing may be read beyond the handshake.
   */
  readonly clientSide: Duplex;
  /**
   * Whether the client speaks `remoteaccess.v1`: it draws what it receives and reports its size.
   * Raw clients speak the endpoint's protocol themselves.
   */
  readonly speaksV1: boolean;
  /** The latest size that the client reported. */
  readonly size: () => TerminalSize;
  /** Absent in raw sessions, in which nobody can be asked. */
  readonly prompts?: UserPrompts;
  /** For keys that need no answer; the others are shown by being asked about. */
  readonly onHostKey: (message: HostKeyMessage) => void;
  /** The server presented no key, or nobody could check it; the reason is for the audit log. */
  readonly onKeyUnchecked: (reason: string) => void;
  /** A text of the server before it has decided about the sign-in; untrusted. */
  readonly onBanner: (text: string) => void;
  readonly onSignedIn: (warning?: SignInWarning) => void;
}

/** How the far side of a session ended, and whose fault it was. */
export interface BridgeOutcome {
  readonly by: Extract<EndedBy, 'client' | 'gateway' | 'target'>;
  readonly error?: RemoteAccessError;
  readonly exitStatus?: number;
  /** Such as `SIGTERM`. */
  readonly exitSignal?: string;
  /** What the server said at the end; cut and printable. */
  readonly words?: string;
}

/** A stream that may know better than its lengths say how much memory it takes. */
export type BufferingStream = Duplex & {
  readonly heldBytes?: number;
  /** Frees what it holds only in case it is wanted. */
  relieve?(): void;
};

/** The far side of an open session as the client talks to it. */
export interface OpenBridge {
  /** Joined with the client's bytes, byte for byte. */
  readonly target: Duplex;
  /** Streams behind the target that buffer bytes as well. */
  readonly streams?: readonly BufferingStream[];
  resize(size: TerminalSize): void;
  /**
   * Asks the endpoint for an answer, unless an earlier question is unanswered.
   * @returns the latest round trip to it, in milliseconds
   */
  measureRoundTrip?(): number | undefined;
  /** Sends a break, if the protocol has one. */
  sendBreak?(): void;
  /** How it ended; called once the target has ended by itself. */
  outcome(): BridgeOutcome;
}

export interface Bridge extends OpenBridge {
  /** Whether the endpoint's stream is encrypted; absent if the protocol decides that. */
  readonly isEncrypted?: boolean;
  /**
   * The handshake with the client before the two sides are joined, in a session that is open
   * already; rejects with RemoteAccessError. Not kept afterwards.
   */
  readonly greet?: () => Promise<void>;
}

/** Opens a bridge; throws RemoteAccessError, and destroys the device side then. */
export type BridgeOpener = (opening: BridgeOpening) => Promise<Bridge>;
