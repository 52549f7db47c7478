import type { Cryptography } from '../crypto/cryptography';
import { type Handshake, wait } from '../handshake/handshake';
import { SECURITY_TYPES, VENCRYPT_TYPES } from '../handshake/security-types';
import type { VncErrors } from '../handshake/vnc-errors';

/** The credentials that a sign-in method needs. */
export type Needs = 'nothing' | 'password' | 'username and password';

export interface VncCredentials {
  readonly username?: string;
  readonly password?: string;
}

/** The endpoint's requirements for a sign-in, regardless of what the server offers. */
export interface SignInRules {
  /** A key is pinned: only methods that make the server prove that it holds the key are allowed. */
  readonly requiresServerKey: boolean;
  /** User name and password may be sent in a form that an eavesdropper can read. */
  readonly allowsUnencrypted: boolean;
}

/** The context of every sign-in method. */
export interface SignInContext {
  readonly credentials: VncCredentials;
  readonly rules: SignInRules;
  /** Asks the user for missing credentials; absent if the client cannot be asked. */
  readonly ask?: (needs: Exclude<Needs, 'nothing'>) => Promise<VncCredentials>;
  /** Lets the viewer answer the challenge of VNC authentication, if it knows the password. */
  readonly answerChallenge?: (challenge: Uint8Array) => Promise<Uint8Array>;
  /**
   * Called before any secret is sent to a server that presents a key; rejects if the key is not the
   * expected one. The key is in SSH's format (RFC 4253, section 6.6).
   */
  readonly checkServerKey: (key: Uint8Array) => Promise<void>;
  /**
   * Called with each method before it runs: first a security type, then its subtype if there is
   * one.
   */
  readonly onMethod: (method: SignInMethod) => void;
  /** The server is of a kind that encodes its VNC password in UTF-8. */
  readonly isUtf8Server?: boolean;
  /** Sends the VNC password in the other encoding, because the usual one was refused before. */
  readonly swapsEncoding?: boolean;
  readonly cryptography: Cryptography;
  readonly errors: VncErrors;
}

/** One method to sign in, up to the point where the server reports the result. */
export interface SignInMethod {
  readonly type: number;
  /** For error messages that list what a server offers. */
  readonly name: string;
  readonly needs: Needs;
  /**
   * Before any secret is sent, the server proves that it holds a key, at least with one of the
   * subtypes.
   */
  readonly provesKey?: boolean;
  /** An eavesdropper learns user name and password. */
  readonly isUnencrypted?: boolean;
  /** Whether the server extends its ServerInit message, as Tight does. */
  readonly extendsServerInit?: boolean;
  run(context: SignInContext): Handshake<void>;
}

export interface CompleteCredentials {
  readonly username: string;
  readonly password: string;
}

/** Returns the stored credentials, completed by the user's answers where something is missing. */
export function* requireCredentials(
  { credentials, ask, errors }: SignInContext,
  needs: 'password' | 'username and password',
): Handshake<CompleteCredentials> {
  const isMissing = (given: typeof credentials): boolean =>
    given.password === undefined || (needs !== 'password' && given.username === undefined);
  let found = credentials;
  if (isMissing(found)) {
    if (!ask) throw errors.credentialsMissing(needs);
    found = { ...found, ...(yield* wait(() => ask(needs))) };
    if (isMissing(found)) throw errors.credentialsMissing(needs);
  }
  return { username: found.username ?? '', password: found.password ?? '' };
}

const NAMES = new Map<number, string>(
  [...Object.entries(SECURITY_TYPES), ...Object.entries(VENCRYPT_TYPES)].map(([name, type]) => [
    type,
    name.toLowerCase().replaceAll('_', ' '),
  ]),
);

/**
 * Chooses the first offered method whose credentials are stored; otherwise the first offered
 * method, which then asks the user or reports what is missing. Methods that the endpoint's rules
 * exclude count as not offered.
 *
 * @param methods in order of preference
 * @throws RemoteAccessError listing what the server offers, if none of it is supported and allowed
 */
export function chooseMethod(
  methods: readonly SignInMethod[],
  offered: readonly number[],
  context: SignInContext,
): SignInMethod {
  const { rules, errors } = context;
  const supported = methods.filter(({ type }) => offered.includes(type));
  const trusted = rules.requiresServerKey
    ? supported.filter(({ provesKey }) => provesKey)
    : supported;
  const allowed = rules.allowsUnencrypted
    ? trusted
    : trusted.filter(({ isUnencrypted }) => !isUnencrypted);
  const chosen = allowed.find(({ needs }) => isAtHand(needs, context)) ?? allowed[0];
  if (chosen) {
    context.onMethod(chosen);
    return chosen;
  }
  const names = offered.map(
    type => methods.find(method => method.type === type)?.name ?? NAMES.get(type) ?? `type ${type}`,
  );
  if (rules.requiresServerKey && trusted.length === 0) throw errors.keyNotProved(names);
  throw trusted.length > 0 ? errors.unencryptedSignIn(names) : errors.noCommonSignIn(names);
}

/** Whether a sign-in can proceed without asking the user. */
function isAtHand(
  needs: Needs,
  { credentials: { username, password }, answerChallenge }: SignInContext,
): boolean {
  switch (needs) {
    case 'nothing':
      return true;
    case 'password':
      return password !== undefined || answerChallenge !== undefined;
    case 'username and password':
      return password !== undefined && username !== undefined;
    default:
      return needs satisfies never;
  }
}
