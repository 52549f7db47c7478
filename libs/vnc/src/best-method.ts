import { SECURITY_TYPES, VENCRYPT_TYPES } from './security-types';
import type { SignInContext } from './sign-in-context';
import type { SignInMethod } from './sign-in-method';

const NAMES = new Map<number, string>(
  [...Object.entries(SECURITY_TYPES), ...Object.entries(VENCRYPT_TYPES)].map(([name, type]) => [
    type,
    name.toLowerCase().replaceAll('_', ' '),
  ]),
);

/**
 * The first of the methods that a server offers and for which all is stored; else the first that
 * it offers, which then asks, or says what is missing.
 *
 * @param methods the best first
 * @throws RemoteAccessError that names what the server offers
 */
export function bestMethod(
  methods: readonly SignInMethod[],
  offered: readonly number[],
  { credentials, texts }: SignInContext,
): SignInMethod {
  const spoken = methods.filter(({ type }) => offered.includes(type));
  const best = spoken.find(({ needs }) => areHeld(needs, credentials)) ?? spoken[0];
  if (best) return best;
  const known = (type: number): string | undefined =>
    methods.find(method => method.type === type)?.name ?? NAMES.get(type);
  throw texts.noCommonSignIn(offered.map(type => known(type) ?? `type ${type}`));
}

function areHeld(
  needs: SignInMethod['needs'],
  { username, password }: SignInContext['credentials'],
): boolean {
  if (needs === 'nothing') return true;
  return password !== undefined && (needs === 'password' || username !== undefined);
}
