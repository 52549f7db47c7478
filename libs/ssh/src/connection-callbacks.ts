import { HostKey } from '@remote-access/ssh-keys';
import type { AuthHandlerMiddleware, NextAuthHandler, ParsedKey } from 'ssh2';

/** Callbacks of ssh2 while a shell is being opened. */
export interface OpeningCallbacks {
  readonly nextSignIn: AuthHandlerMiddleware;
  /** @returns whether the key is accepted; `undefined` when `verify` is called later */
  readonly verifyHostKey: (
    blob: Buffer,
    verify: (isAccepted: boolean) => void,
  ) => boolean | undefined;
  /** @param reason a sentence for the user */
  readonly onExcess: (reason: string) => void;
}

export type ProvedHostKeys = (keys: readonly HostKey[], used: HostKey) => void;

/**
 * The callbacks that ssh2 keeps for the lifetime of the connection. While a shell is being opened
 * they delegate to that code. Once it is open they hold only the fingerprint of the host key, so
 * neither credentials nor handshake state stays in memory with a session.
 */
export class ConnectionCallbacks {
  private usedKey: string | undefined;
  private answerSignIn: NextAuthHandler | undefined;

  constructor(
    private opening: OpeningCallbacks | undefined,
    private readonly onProved: ProvedHostKeys | undefined,
  ) {}

  readonly nextSignIn: AuthHandlerMiddleware = (methodsLeft, partialSuccess, next) => {
    this.answerSignIn = next;
    this.opening?.nextSignIn(methodsLeft, partialSuccess, next);
  };

  /** Also called on rekeying, when the server must present the same key. */
  readonly verifyHostKey: OpeningCallbacks['verifyHostKey'] = (blob, verify) => {
    const presented = HostKey.fromBlob(blob)?.sha256;
    if (!this.opening) return presented !== undefined && presented === this.usedKey;
    this.usedKey ??= presented;
    return this.opening.verifyHostKey(blob, verify);
  };

  readonly onHostKeys = (keys: readonly ParsedKey[]): void => {
    const proved = keys.map(key => HostKey.fromBlob(key.getPublicSSH()));
    const known = proved.filter(key => key !== undefined);
    // A list without the key in use does not describe this server.
    const used = known.find(({ sha256 }) => sha256 === this.usedKey);
    if (used) this.onProved?.(known, used);
  };

  readonly onExcess = (reason: string): void => this.opening?.onExcess(reason);

  /**
   * Releases the opening. @returns the function that gives ssh2 its next sign-in attempt, if any
   */
  opened(): NextAuthHandler | undefined {
    const { answerSignIn } = this;
    this.opening = undefined;
    this.answerSignIn = undefined;
    return answerSignIn;
  }
}
