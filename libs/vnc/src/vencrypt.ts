import { BIG_ENDIAN } from './big-endian';
import { bestMethod } from './best-method';
import { read, secure, send, wait, type Handshake } from './handshake';
import { NO_AUTHENTICATION } from './no-authentication';
import { PLAIN_AUTHENTICATION } from './plain-authentication';
import { SECURITY_TYPES, VENCRYPT_TYPES } from './security-types';
import type { SignInMethod } from './sign-in-method';
import { VNC_AUTHENTICATION } from './vnc-authentication';

/** The one version in use; 0.1 had other numbers and is nowhere any more. */
const VERSION = Uint8Array.of(0, 2);

/** The best first: a certificate that can be pinned, then TLS without one, then none. */
const METHODS: readonly SignInMethod[] = [
  withTls(VENCRYPT_TYPES.X509_PLAIN, 'X509Plain', 'shown', PLAIN_AUTHENTICATION),
  withTls(VENCRYPT_TYPES.X509_VNC, 'X509Vnc', 'shown', VNC_AUTHENTICATION),
  withTls(VENCRYPT_TYPES.X509_NONE, 'X509None', 'shown', NO_AUTHENTICATION),
  withTls(VENCRYPT_TYPES.TLS_PLAIN, 'TLSPlain', 'none', PLAIN_AUTHENTICATION),
  withTls(VENCRYPT_TYPES.TLS_VNC, 'TLSVnc', 'none', VNC_AUTHENTICATION),
  withTls(VENCRYPT_TYPES.TLS_NONE, 'TLSNone', 'none', NO_AUTHENTICATION),
  VNC_AUTHENTICATION,
  PLAIN_AUTHENTICATION,
  NO_AUTHENTICATION,
];

/** VeNCrypt 0.2, which lists ways to sign in of its own, most of them within TLS. */
export const VENCRYPT: SignInMethod = {
  type: SECURITY_TYPES.VENCRYPT,
  name: 'VeNCrypt',
  // What it needs is known by what it lists, and it lists what protects best.
  needs: 'nothing',

  *run(context): Handshake<void> {
    const { texts } = context;
    const [major, minor] = yield* read(2, 'its version of VeNCrypt');
    if (major !== VERSION[0] || minor !== VERSION[1]) {
      throw texts.brokenSignIn(`it speaks VeNCrypt ${major}.${minor}, where 0.2 is known`);
    }
    yield* send(VERSION);
    const [refused] = yield* read(1, 'its word on VeNCrypt 0.2');
    if (refused !== 0) throw texts.brokenSignIn('it refuses VeNCrypt 0.2');
    const [count = 0] = yield* read(1, 'its ways to sign in by VeNCrypt');
    const list = yield* read(4 * count, 'its ways to sign in by VeNCrypt');
    const offered = Array.from({ length: count }, (_, at) => BIG_ENDIAN.readUint32(list, 4 * at));
    const method = bestMethod(METHODS, offered, context);
    yield* send(BIG_ENDIAN.uint32(method.type));
    yield* method.run(context);
  },
};

function withTls(
  type: number,
  name: string,
  certificate: 'none' | 'shown',
  inner: SignInMethod,
): SignInMethod {
  return {
    type,
    name,
    needs: inner.needs,

    *run(context): Handshake<void> {
      const [accepted] = yield* read(1, 'its word on TLS');
      if (accepted !== 1) throw context.texts.brokenSignIn('it refuses TLS after offering it');
      const key = yield* secure({ kind: 'tls', certificate });
      if (key) yield* wait(() => context.checkServerKey(key));
      else if (certificate === 'shown') {
        throw context.texts.brokenSignIn('it shows no certificate that can be used');
      }
      yield* inner.run(context);
    },
  };
}
