import { NO_AUTHENTICATION } from './no-authentication';
import { SECURITY_TYPES } from './security-types';
import type { SignInContext } from './sign-in-context';
import type { SignInMethod } from './sign-in-method';
import { VNC_AUTHENTICATION } from './vnc-authentication';

/** What is spoken, the best first. */
const METHODS: readonly SignInMethod[] = [VNC_AUTHENTICATION, NO_AUTHENTICATION];

/**
 * The best way to sign in of those that a server offers and whose needs are held.
 * @throws RemoteAccessError that names what the server offers
 */
export function chooseSignIn(offered: readonly number[], context: SignInContext): SignInMethod {
  const spoken = METHODS.filter(({ type }) => offered.includes(type));
  const served = spoken.find(({ needs }) => areHeld(needs, context)) ?? askable(spoken, context);
  if (served) return served;
  const names = offered.map(nameOf);
  const wanted = spoken.length === 0 ? 'None of them can be used.' : WANTED[spoken[0]!.needs];
  throw context.texts.noCommonSignIn(names, wanted);
}

const WANTED = {
  nothing: '',
  password: 'Store the password with the endpoint.',
  'username and password': 'Store a user name and a password with the endpoint.',
} as const;

function areHeld(needs: SignInMethod['needs'], { credentials }: SignInContext): boolean {
  if (needs === 'nothing') return true;
  const { username, password } = credentials;
  return password !== undefined && (needs === 'password' || username !== undefined);
}

function askable(
  spoken: readonly SignInMethod[],
  { ask }: SignInContext,
): SignInMethod | undefined {
  return ask ? spoken[0] : undefined;
}

function nameOf(type: number): string {
  const known = METHODS.find(method => method.type === type)?.name;
  if (known !== undefined) return known;
  const [name] = Object.entries(SECURITY_TYPES).find(([, number]) => number === type) ?? [];
  return name ?? `type ${type}`;
}
