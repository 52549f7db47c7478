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

/** Prompts from the remote server for the user; its texts are shown unchanged. */
export interface PromptRequest {
  /** Empty if the server sent none. */
  readonly title: string;
  readonly instructions: string;
  readonly prompts: readonly Readonly<Prompt>[];
}

/**
 * Asks the user at the client, one question at a time. Everything rejects with RemoteAccessError
 * `question-unanswered` if nobody answers within two minutes or the client leaves.
 */
export interface UserPrompts {
  askHostKey(message: HostKeyMessage): Promise<HostKeyAnswer>;
  /** @returns one answer per prompt; they are secrets */
  prompt(request: PromptRequest): Promise<readonly string[]>;
}

/** Everything a protocol driver receives once the gateway has connected. */
export interface BridgeOpening {
  /** The bytes to and from the endpoint, through the gateway. */
  readonly deviceSide: Duplex;
  /**
   * The bytes to and from the client, for handshakes with it before the two sides are joined. The
   * driver must not read beyond the handshake.
   */
  readonly clientSide: Duplex;
  /**
   * Whether the client speaks `remoteaccess.v1`: it renders what it receives and reports its size.
   * Raw clients speak the endpoint's protocol themselves.
   */
  readonly speaksV1: boolean;
  /** The latest terminal size that the client reported. */
  readonly size: () => TerminalSize;
  /** Absent in raw sessions, where nobody can be asked. */
  readonly prompts?: UserPrompts;
  /** For keys that need no answer; other keys are shown by {@link UserPrompts.askHostKey}. */
  readonly onHostKey: (message: HostKeyMessage) => void;
  /**
   * The server presented no key, or the key could not be checked; the reason goes to the audit log.
   */
  readonly onKeyUnchecked: (reason: string) => void;
  /** A text that the server sent before deciding about the sign-in; untrusted. */
  readonly onBanner: (text: string) => void;
  readonly onSignedIn: (warning?: SignInWarning) => void;
}

/** How the far side of a session ended, and which side caused it. */
export interface BridgeOutcome {
  readonly by: Extract<EndedBy, 'client' | 'gateway' | 'target'>;
  readonly error?: RemoteAccessError;
  readonly exitStatus?: number;
  /** For example `SIGTERM`. */
  readonly exitSignal?: string;
  /** The server's disconnect message; truncated and printable. */
  readonly serverMessage?: string;
}

/** A stream that may report its memory use more precisely than its buffer lengths do. */
export type BufferingStream = Duplex & {
  readonly heldBytes?: number;
  /** Frees memory that is kept only as a convenience. */
  relieve?(): void;
};

/** The far side of an open session, as the client sees it. */
export interface OpenBridge {
  /** Joined with the client's bytes, byte for byte. */
  readonly target: Duplex;
  /** Further streams behind the target that also buffer bytes. */
  readonly streams?: readonly BufferingStream[];
  resize(size: TerminalSize): void;
  /**
   * Sends a probe to the endpoint, unless an earlier one is unanswered.
   * @returns the latest round trip to it, in milliseconds
   */
  measureRoundTrip?(): number | undefined;
  /** Whether the endpoint has answered a probe before and does not answer the latest one. */
  isSilent?(): boolean;
  /** Sends a break, if the protocol has one. */
  sendBreak?(): void;
  /** How it ended; called once the target has ended by itself. */
  outcome(): BridgeOutcome;
}

export interface Bridge extends OpenBridge {
  /** Whether the endpoint's stream is encrypted; absent if that follows from the protocol. */
  readonly isEncrypted?: boolean;
  /**
   * The handshake with the client before the two sides are joined, in a session that is already
   * open; rejects with RemoteAccessError. Not retained afterwards.
   */
  readonly greet?: () => Promise<void>;
}

/** Opens a bridge; on failure it throws RemoteAccessError and destroys the device side. */
export type BridgeOpener = (opening: BridgeOpening) => Promise<Bridge>;
