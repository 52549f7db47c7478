import type { Cryptography } from '../crypto/cryptography';
import { type Handshake, wait } from '../handshake/handshake';
import { SECURITY_TYPES, VENCRYPT_TYPES } from '../handshake/security-types';
import type { VncErrors } from '../handshake/vnc-errors';

/** What a sign-in method needs from the user. */
export type Needs = 'nothing' | 'password' | 'username and password';

export interface VncCredentials {
  readonly username?: string;
  readonly password?: string;
}

/** What every sign-in method works with. */
export interface SignInContext {
  readonly credentials: VncCredentials;
  /** Asks the user for missing credentials; absent if the client cannot be asked. */
  readonly ask?: (needs: Exclude<Needs, 'nothing'>) => Promise<VncCredentials>;
  /**
   * Called before any secret is sent to a server that presents a key; rejects if the key is not the
   * expected one. The key is in SSH's format (RFC 4253, section 6.6).
   */
  readonly checkServerKey: (key: Uint8Array) => Promise<void>;
  readonly cryptography: Cryptography;
  readonly errors: VncErrors;
}

/** One way to sign in, up to the point where the server reports the result. */
export interface SignInMethod {
  readonly type: number;
  /** For error messages that list what a server offers. */
  readonly name: string;
  readonly needs: Needs;
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
 * Chooses the first offered method whose credentials are stored, otherwise the first offered
 * method, which then asks the user or reports what is missing.
 *
 * @param methods in order of preference
 * @throws RemoteAccessError listing what the server offers, if none of it is supported
 */
export function chooseMethod(
  methods: readonly SignInMethod[],
  offered: readonly number[],
  { credentials, errors }: SignInContext,
): SignInMethod {
  const supported = methods.filter(({ type }) => offered.includes(type));
  const chosen = supported.find(({ needs }) => isStored(needs, credentials)) ?? supported[0];
  if (chosen) return chosen;
  const nameOf = (type: number): string | undefined =>
    methods.find(method => method.type === type)?.name ?? NAMES.get(type);
  throw errors.noCommonSignIn(offered.map(type => nameOf(type) ?? `type ${type}`));
}

function isStored(
  needs: SignInMethod['needs'],
  { username, password }: SignInContext['credentials'],
): boolean {
  if (needs === 'nothing') return true;
  return password !== undefined && (needs === 'password' || username !== undefined);
}
