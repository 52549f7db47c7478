import {
  type AnyAuthMethod,
  type AuthHandlerMiddleware,
  type Prompt,
  utils,
  type ParsedKey,
} from 'ssh2';
import { LIMITS, RemoteAccessError } from '@remote-access/contracts';
import { CERTIFICATE_SUFFIX, HostKey } from '@remote-access/ssh-keys';

/** The stored credentials. Passwords and private keys are secrets. */
export type SshSignIn =
  | { readonly type: 'password'; readonly username: string; readonly password: string }
  | { readonly type: 'key'; readonly username: string; readonly privateKey: string }
  | {
      readonly type: 'certificate';
      readonly username: string;
      readonly privateKey: string;
      /** OpenSSH's line `type base64 [comment]`. */
      readonly certificate: string;
    };

/** The stored credentials, parsed for ssh2. */
export type ParsedSignIn =
  | Extract<SshSignIn, { type: 'password' }>
  | {
      readonly type: 'key';
      readonly username: string;
      readonly key: ParsedKey;
      readonly certificate: UserCertificate | undefined;
      /** Whether the key can sign before anything is known about the server. */
      readonly isTriedFirst: boolean;
    };

/** An OpenSSH certificate as presented to a server, and how its key signs. */
export interface UserCertificate {
  /** The name in the authentication request, e.g. `rsa-sha2-512-cert-v01@openssh.com`. */
  readonly algorithm: string;
  /** The name in the signature, e.g. `rsa-sha2-512`. */
  readonly signatureAlgorithm: string;
  /** Passed to ssh2; `undefined` if the key type determines it. */
  readonly hash: 'sha512' | undefined;
  readonly blob: Buffer;
}

/** @throws RemoteAccessError `credentials-unusable`; the text contains no part of the key */
export function parseSignIn(signIn: SshSignIn): ParsedSignIn {
  if (signIn.type === 'password') return signIn;
  const { username } = signIn;
  const key = parsePrivateKey(signIn.privateKey);
  const isCertified = signIn.type === 'certificate';
  const certificate = isCertified ? parseCertificate(signIn.certificate, key) : undefined;
  // How an RSA key signs depends on what the server supports, which some say late.
  const isTriedFirst = certificate !== undefined || key.type !== 'ssh-rsa';
  return { type: 'key', username, key, certificate, isTriedFirst };
}

function parsePrivateKey(text: string): ParsedKey {
  if (text.length > LIMITS.key) throw unusable('private key', 'is too large');
  const parsed: ParsedKey | ParsedKey[] | Error = utils.parseKey(text);
  if (parsed instanceof Error) {
    throw unusable(
      'private key',
      /passphrase/i.test(parsed.message)
        ? 'is protected with a passphrase, which is not supported yet'
        : 'has a format that cannot be read',
    );
  }
  const [key] = [parsed].flat();
  if (!key?.isPrivateKey()) throw unusable('private key', 'is not a private key');
  return key;
}

/** Reads a certificate (OpenSSH's PROTOCOL.certkeys) for the key that signs. */
function parseCertificate(text: string, key: ParsedKey): UserCertificate {
  const [type = '', base64 = ''] = text.slice(0, LIMITS.key).trim().split(/\s+/, 2);
  const blob = Buffer.from(base64, 'base64');
  // A certificate begins with its type, like a key.
  if (HostKey.fromBlob(blob)?.type !== type || !type.endsWith(CERTIFICATE_SUFFIX)) {
    throw unusable('certificate', 'cannot be read');
  }
  if (type !== `${key.type}${CERTIFICATE_SUFFIX}`) {
    throw unusable('certificate', 'is for a different type of key');
  }
  const signatureAlgorithm = key.type === 'ssh-rsa' ? 'rsa-sha2-512' : key.type;
  return {
    algorithm: `${signatureAlgorithm}${CERTIFICATE_SUFFIX}`,
    signatureAlgorithm,
    hash: key.type === 'ssh-rsa' ? 'sha512' : undefined,
    blob,
  };
}

function unusable(subject: 'private key' | 'certificate', what: string): RemoteAccessError {
  return new RemoteAccessError('credentials-unusable', {
    detail: `The ${subject} stored with this endpoint ${what}. Enter it again.`,
  });
}

/** A server's prompts for the user during sign-in (RFC 4256 3.2). */
export interface SshQuestion {
  /** May be empty. */
  readonly title: string;
  readonly instructions: string;
  readonly prompts: readonly { readonly text: string; readonly echo: boolean }[];
}

/** A sign-in asks for a password and perhaps some codes. */
const MAX_QUESTIONS = 16;

/** Each attempt proves one factor; servers that require more than two are rare. */
const MAX_ATTEMPTS = 8;

export interface SignInListener {
  /** Asks the user; `undefined` if nobody can be asked. */
  readonly ask: ((question: SshQuestion) => Promise<readonly string[]>) | undefined;
  /** The server asks for something that only the user knows, and nobody can be asked. */
  readonly onUnanswered: (question: string) => void;
  readonly onTooManyQuestions: () => void;
}

/**
 * Chooses the sign-in attempts (RFC 4252).
 *
 * With a password, the first one is `none`, to learn which methods the server accepts, so that the
 * password is sent exactly once: a second attempt with it may lock the user out. A key is tried at
 * once, because its refusal tells the same. If the server requires more than one factor, the user is
 * asked for the others.
 */
export class SignInSteps {
  /** The methods that can continue, from the server's last response. */
  methodsLeft: readonly string[] = [];
  /** Whether the stored credential was accepted but the server required more. */
  wantsMore = false;
  /** Whether a credential was sent, so that closing the connection is the server's answer to it. */
  hasSentProof = false;
  private readonly tried = new Set<string>();
  private attempts = 0;
  private questions = 0;
  private passwordGiven = false;

  constructor(
    private readonly signIn: ParsedSignIn,
    private readonly listener: SignInListener,
  ) {}

  readonly next: AuthHandlerMiddleware = (methodsLeft, partialSuccess, next) => {
    const { signIn } = this;
    const { username } = signIn;
    const attempt = (method: AnyAuthMethod): void => {
      this.tried.add(method.type);
      this.hasSentProof ||= method.type === 'password' || method.type === 'publickey';
      next(method);
    };
    // ssh2 accepts `false` for "no more attempts"; its types do not allow it.
    const giveUp = (): void => (next as (nothing: unknown) => void)(false);
    // ssh2 passes null before the first attempt, contrary to its types.
    if (!(methodsLeft as string[] | null)) {
      return signIn.type === 'key' && signIn.isTriedFirst
        ? attempt({ type: 'publickey', username, key: signIn.key })
        : attempt({ type: 'none', username });
    }
    this.methodsLeft = methodsLeft;
    this.wantsMore ||= partialSuccess;
    this.attempts += 1;
    if (this.attempts > MAX_ATTEMPTS) return this.listener.onTooManyQuestions();

    if (signIn.type === 'key' && this.offers('publickey')) {
      return attempt({ type: 'publickey', username, key: signIn.key });
    }
    // Some servers let everybody in, and only then ask who it is.
    if (!this.tried.has('none') && !partialSuccess) return attempt({ type: 'none', username });
    if (signIn.type === 'password' && this.offers('password')) {
      this.passwordGiven = true;
      return attempt({ type: 'password', username, password: signIn.password });
    }
    const isPasswordUnused = signIn.type === 'password' && !this.tried.has('password');
    if (!isPasswordUnused && !partialSuccess) return giveUp();
    // After each accepted factor the server starts over, and may offer the same method again.
    if (this.offers('keyboard-interactive', partialSuccess)) {
      return attempt({ type: 'keyboard-interactive', username, prompt: this.onPrompts });
    }
    if (this.offers('password', partialSuccess)) {
      return this.askPassword(username, password =>
        attempt({ type: 'password', username, password }),
      );
    }
    return giveUp();
  };

  private offers(type: string, isAgain = false): boolean {
    return (isAgain || !this.tried.has(type)) && this.methodsLeft.includes(type);
  }

  private askPassword(username: string, answered: (password: string) => void): void {
    const prompts = [{ text: `Password of ${username}: `, echo: false }];
    this.ask({ title: '', instructions: '', prompts }, ([password = '']) => answered(password));
  }

  /**
   * Answers the first prompt with the stored password if it is single and hidden; anything else
   * goes to the user.
   */
  private readonly onPrompts = (
    title: string,
    instructions: string,
    _language: string,
    prompts: Prompt[],
    reply: (answers: string[]) => void,
  ): void => {
    const { signIn } = this;
    const answer = (answers: string[]): void => {
      this.hasSentProof = true;
      reply(answers);
    };
    const [first] = prompts;
    const isPassword = prompts.length === 1 && first?.echo === false;
    if (signIn.type === 'password' && !this.passwordGiven && isPassword) {
      this.passwordGiven = true;
      return answer([signIn.password]);
    }
    const asked = prompts.map(({ prompt, echo }) => ({ text: prompt, echo: echo ?? false }));
    this.ask({ title, instructions, prompts: asked }, answers => answer([...answers]));
  };

  private ask(question: SshQuestion, answered: (answers: readonly string[]) => void): void {
    const { ask, onUnanswered, onTooManyQuestions } = this.listener;
    this.questions += 1;
    if (this.questions > MAX_QUESTIONS) return onTooManyQuestions();
    if (!ask) return onUnanswered(question.prompts[0]?.text ?? '');
    // If nobody answers, the caller fails the opening.
    ask(question).then(answered, () => undefined);
  }
}
