import type { AuthHandlerMiddleware, NextAuthHandler, ParsedKey } from 'ssh2';
import { HostKey } from '@remote-access/ssh-keys';

/** What ssh2 asks while a shell is being opened. */
export interface OpeningAnswers {
  readonly nextSignIn: AuthHandlerMiddleware;
  /** @returns whether the key is good; `undefined` when `verify` will be told */
  readonly judgeHostKey: (blob: Buffer, verify: (isGood: boolean) => void) => boolean | undefined;
  /** @param what a sentence for the user */
  readonly refuseExcess: (what: string) => void;
}

export type ProvedHostKeys = (keys: readonly HostKey[], used: HostKey) => void;

/**
 * What ssh2 calls back, and keeps as long as the connection lives. It leads to the opening, and
 * from an open shell to the fingerprint of the server alone: neither what was signed in with nor
 * the handshake stays in memory with a session.
 */
export class ConnectionCallbacks {
  private usedKey: string | undefined;
  private answerSignIn: NextAuthHandler | undefined;

  constructor(
    private opening: OpeningAnswers | undefined,
    private readonly onProved: ProvedHostKeys | undefined,
  ) {}

  readonly nextSignIn: AuthHandlerMiddleware = (methodsLeft, partialSuccess, next) => {
    this.answerSignIn = next;
    this.opening?.nextSignIn(methodsLeft, partialSuccess, next);
  };

  /** Also called when keys are exchanged again: the server must still be the same then. */
  readonly judgeHostKey: OpeningAnswers['judgeHostKey'] = (blob, verify) => {
    const shown = HostKey.fromBlob(blob)?.sha256;
    if (!this.opening) return shown !== undefined && shown === this.usedKey;
    this.usedKey ??= shown;
    return this.opening.judgeHostKey(blob, verify);
  };

  readonly onHostKeys = (keys: readonly ParsedKey[]): void => {
    const proved = keys.map(key => HostKey.fromBlob(key.getPublicSSH()));
    const known = proved.filter(key => key !== undefined);
    // Without the key in use it is no list of this server's keys.
    const used = known.find(({ sha256 }) => sha256 === this.usedKey);
    if (used) this.onProved?.(known, used);
  };

  readonly refuseExcess = (what: string): void => this.opening?.refuseExcess(what);

  /** @returns what ssh2 takes a last attempt by, if there was one */
  opened(): NextAuthHandler | undefined {
    const { answerSignIn } = this;
    this.opening = undefined;
    this.answerSignIn = undefined;
    return answerSignIn;
  }
}
