import { BIG_ENDIAN } from '../handshake/big-endian';
import { type Handshake, read, send } from '../handshake/handshake';
import { SECURITY_TYPES } from '../handshake/security-types';
import type { VncErrors } from '../handshake/vnc-errors';
import { NO_AUTHENTICATION, PLAIN_AUTHENTICATION } from './plain-authentication';
import { chooseMethod, type SignInMethod } from './sign-in-method';
import { VNC_AUTHENTICATION } from './vnc-authentication';

const CAPABILITY_BYTES = 16;

/** Upper bounds far above what servers list, before and after the sign-in. */
const MAX_SIGN_IN_CAPABILITIES = 256;
const MAX_SERVER_CAPABILITIES = 1024;

const NO_TUNNEL = 0;
const UNIX_LOGIN = 129;

const METHODS: readonly SignInMethod[] = [
  VNC_AUTHENTICATION,
  { ...PLAIN_AUTHENTICATION, type: UNIX_LOGIN, name: 'Unix login' },
  NO_AUTHENTICATION,
];

/**
 * TightVNC's security type: a list of tunnels, which nobody uses, and a list of sign-in methods.
 */
export const TIGHT_AUTHENTICATION: SignInMethod = {
  type: SECURITY_TYPES.TIGHT,
  name: 'Tight',
  needs: 'password',
  extendsServerInit: true,

  *run(context): Handshake<void> {
    const tunnels = yield* capabilities('its Tight tunnels', context.errors);
    // Siemens panels list only a tunnel of their own, but also accept none.
    if (tunnels.length > 0) yield* send(BIG_ENDIAN.uint32(NO_TUNNEL));
    const offered = yield* capabilities('its Tight sign-in methods', context.errors);
    if (offered.length === 0) return;
    const method = chooseMethod(METHODS, offered, context);
    yield* send(BIG_ENDIAN.uint32(method.type));
    yield* method.run(context);
  },
};

function* capabilities(what: string, errors: VncErrors): Handshake<readonly number[]> {
  const count = BIG_ENDIAN.readUint32(yield* read(4, what));
  if (count > MAX_SIGN_IN_CAPABILITIES)
    throw errors.brokenSignIn(`the number of ${what} is ${count}`);
  const list = yield* read(count * CAPABILITY_BYTES, what);
  return Array.from({ length: count }, (_, at) =>
    BIG_ENDIAN.readUint32(list, at * CAPABILITY_BYTES),
  );
}

/** Screen size, pixel format and length of the name (RFC 6143, section 7.3.2). */
const HEAD_BYTES = 24;
const NAME_LENGTH_AT = 20;
const MAX_NAME_BYTES = 64 * 1024;

/** Three 16-bit counts (server messages, client messages, encodings) and two bytes of padding. */
const COUNTS_BYTES = 8;
const COUNTS = 3;

/**
 * Reads the server's ServerInit message after a Tight sign-in.
 *
 * @returns the message without Tight's extension, which a client that was offered no authentication
 *   does not expect
 */
export function* tightServerInit(errors: VncErrors): Handshake<Uint8Array> {
  const head = yield* read(HEAD_BYTES, 'the size of its screen');
  const nameBytes = BIG_ENDIAN.readUint32(head, NAME_LENGTH_AT);
  if (nameBytes > MAX_NAME_BYTES) throw errors.brokenSignIn(`its name has ${nameBytes} bytes`);
  const name = yield* read(nameBytes, 'its name');
  const counts = yield* read(COUNTS_BYTES, 'its capabilities');
  let total = 0;
  for (let at = 0; at < COUNTS; at += 1) total += BIG_ENDIAN.readUint16(counts, 2 * at);
  if (total > MAX_SERVER_CAPABILITIES)
    throw errors.brokenSignIn(`the number of its capabilities is ${total}`);
  yield* read(total * CAPABILITY_BYTES, 'its capabilities');
  const init = new Uint8Array(head.length + name.length);
  init.set(head);
  init.set(name, head.length);
  return init;
}
