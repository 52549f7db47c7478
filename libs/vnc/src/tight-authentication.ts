import { BIG_ENDIAN } from './big-endian';
import { bestMethod } from './best-method';
import { read, send, type Handshake } from './handshake';
import { NO_AUTHENTICATION } from './no-authentication';
import { PLAIN_AUTHENTICATION } from './plain-authentication';
import { SECURITY_TYPES } from './security-types';
import type { SignInMethod } from './sign-in-method';
import { VNC_AUTHENTICATION } from './vnc-authentication';

/** Far more than any server lists. */
const MAX_CAPABILITIES = 256;
const CAPABILITY_BYTES = 16;

const NO_TUNNEL = 0;
const UNIX_LOGIN = 129;

const METHODS: readonly SignInMethod[] = [
  VNC_AUTHENTICATION,
  { ...PLAIN_AUTHENTICATION, type: UNIX_LOGIN, name: 'Unix login' },
  NO_AUTHENTICATION,
];

/** TightVNC's list of tunnels, of which there are none, and of ways to sign in. */
export const TIGHT_AUTHENTICATION: SignInMethod = {
  type: SECURITY_TYPES.TIGHT,
  name: 'Tight',
  needs: 'password',
  extendsServerInit: true,

  *run(context): Handshake<void> {
    const tunnels = yield* capabilities('its tunnels', context.texts);
    // Siemens' panels list a tunnel of their own only, and take none all the same.
    if (tunnels.length > 0) yield* send(BIG_ENDIAN.uint32(NO_TUNNEL));
    const offered = yield* capabilities('its ways to sign in by Tight', context.texts);
    if (offered.length === 0) return;
    const method = bestMethod(METHODS, offered, context);
    yield* send(BIG_ENDIAN.uint32(method.type));
    yield* method.run(context);
  },
};

function* capabilities(
  what: string,
  texts: Parameters<SignInMethod['run']>[0]['texts'],
): Handshake<readonly number[]> {
  const count = BIG_ENDIAN.readUint32(yield* read(4, what));
  if (count > MAX_CAPABILITIES) throw texts.brokenSignIn(`${what} are ${count}`);
  const list = yield* read(count * CAPABILITY_BYTES, what);
  return Array.from({ length: count }, (_, at) =>
    BIG_ENDIAN.readUint32(list, at * CAPABILITY_BYTES),
  );
}
