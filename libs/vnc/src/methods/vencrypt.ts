import { BIG_ENDIAN } from '../handshake/big-endian';
import { type Handshake, read, secure, send, wait } from '../handshake/handshake';
import { SECURITY_TYPES, VENCRYPT_TYPES } from '../handshake/security-types';
import { NO_AUTHENTICATION, PLAIN_AUTHENTICATION } from './plain-authentication';
import { chooseMethod, type SignInMethod } from './sign-in-method';
import { VNC_AUTHENTICATION } from './vnc-authentication';

/** The only version in use. */
const VERSION = Uint8Array.of(0, 2);

/** In order of preference: TLS with a certificate to pin, anonymous TLS, no TLS. */
const METHODS: readonly SignInMethod[] = [
  withTls(VENCRYPT_TYPES.X509_PLAIN, 'X509Plain', 'required', PLAIN_AUTHENTICATION),
  withTls(VENCRYPT_TYPES.X509_VNC, 'X509Vnc', 'required', VNC_AUTHENTICATION),
  withTls(VENCRYPT_TYPES.X509_NONE, 'X509None', 'required', NO_AUTHENTICATION),
  withTls(VENCRYPT_TYPES.TLS_PLAIN, 'TLSPlain', 'none', PLAIN_AUTHENTICATION),
  withTls(VENCRYPT_TYPES.TLS_VNC, 'TLSVnc', 'none', VNC_AUTHENTICATION),
  withTls(VENCRYPT_TYPES.TLS_NONE, 'TLSNone', 'none', NO_AUTHENTICATION),
  VNC_AUTHENTICATION,
  PLAIN_AUTHENTICATION,
  NO_AUTHENTICATION,
];

/** VeNCrypt 0.2: a list of subtypes, most of which run another method within TLS. */
export const VENCRYPT: SignInMethod = {
  type: SECURITY_TYPES.VENCRYPT,
  name: 'VeNCrypt',
  // What is needed depends on the subtype, and VeNCrypt is preferred in any case.
  needs: 'nothing',
  provesKey: true,

  *run(context): Handshake<void> {
    const { errors } = context;
    const [major, minor] = yield* read(2, 'its version of VeNCrypt');
    if (major !== VERSION[0] || minor !== VERSION[1]) {
      throw errors.brokenSignIn(`it uses VeNCrypt ${major}.${minor}, but only 0.2 is supported`);
    }
    yield* send(VERSION);
    const [refused] = yield* read(1, 'its answer to VeNCrypt 0.2');
    if (refused !== 0) throw errors.brokenSignIn('it rejected VeNCrypt 0.2');
    const [count = 0] = yield* read(1, 'its VeNCrypt subtypes');
    const list = yield* read(4 * count, 'its VeNCrypt subtypes');
    const offered = Array.from({ length: count }, (_, at) => BIG_ENDIAN.readUint32(list, 4 * at));
    const method = chooseMethod(METHODS, offered, context);
    yield* send(BIG_ENDIAN.uint32(method.type));
    // Servers with VeNCrypt or TLS run on free systems, where texts are in UTF-8.
    yield* method.run({ ...context, isUtf8Server: true });
  },
};

/**
 * Anonymous TLS with a second list of security types inside, as offered by vino and other GNOME
 * servers.
 */
export const TLS: SignInMethod = {
  type: SECURITY_TYPES.TLS,
  name: 'TLS',
  // What is needed depends on the inner type.
  needs: 'nothing',

  *run(context): Handshake<void> {
    yield* secure({ kind: 'tls', certificate: 'none' });
    const [count = 0] = yield* read(1, 'its security types within TLS');
    const offered = [...(yield* read(count, 'its security types within TLS'))];
    const method = chooseMethod(WITHIN_TLS, offered, context);
    yield* send(Uint8Array.of(method.type));
    yield* method.run({ ...context, isUtf8Server: true });
  },
};

const WITHIN_TLS: readonly SignInMethod[] = [VNC_AUTHENTICATION, NO_AUTHENTICATION];

function withTls(
  type: number,
  name: string,
  certificate: 'none' | 'required',
  inner: SignInMethod,
): SignInMethod {
  return {
    type,
    name,
    needs: inner.needs,
    provesKey: certificate === 'required',

    *run(context): Handshake<void> {
      const [accepted] = yield* read(1, 'its confirmation of TLS');
      if (accepted !== 1) throw context.errors.brokenSignIn('it rejected TLS after offering it');
      const key = yield* secure({ kind: 'tls', certificate });
      if (key) yield* wait(() => context.checkServerKey(key));
      else if (certificate === 'required') {
        throw context.errors.brokenSignIn('it presented no usable certificate');
      }
      yield* inner.run(context);
    },
  };
}
