import { createCipheriv, randomBytes } from 'node:crypto';
import { uint32, type VncSecurity } from './vnc-peer';

export const NO_SECURITY: VncSecurity = { type: 1, check: () => Promise.resolve(true) };

/** VNC authentication, with the password in UTF-8. */
export const PASSWORD_SECURITY = passwordSecurity('utf8');

/** The same with the password in Latin-1, as most servers store it. */
export const LATIN1_PASSWORD_SECURITY = passwordSecurity('latin1');

/** The DES key is the first eight bytes with the bits of each reversed. */
function passwordSecurity(encoding: BufferEncoding): VncSecurity {
  return {
    type: 2,
    check: async (peer, { password }) => {
      const challenge = randomBytes(16);
      peer.send(challenge);
      const bytes = Buffer.from(password.padEnd(8, '\0'), encoding).subarray(0, 8);
      const key = Buffer.from(bytes.map(reverseBits));
      const des = createCipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null);
      const expected = des.setAutoPadding(false).update(challenge);
      return (await peer.take(16)).equals(expected);
    },
  };
}

/** TLS without a certificate, with vino's security types inside. */
export function tlsSecurity(...within: readonly VncSecurity[]): VncSecurity {
  return {
    type: 18,
    check: async (peer, user) => {
      await peer.startTls();
      peer.send([within.length], Buffer.from(within.map(({ type }) => type)));
      const [chosen] = await peer.take(1);
      return (await within.find(({ type }) => type === chosen)?.check(peer, user)) ?? false;
    },
  };
}

/** Reverses the bits of a byte. */
export function reverseBits(byte: number): number {
  return parseInt(byte.toString(2).padStart(8, '0').split('').reverse().join(''), 2);
}

const capability = (code: number, name: string): Buffer =>
  Buffer.concat([uint32(code), Buffer.from(name.padEnd(12, '_'))]);

/** Three counts, two bytes of padding, and the capabilities. */
const TRAILER = Buffer.concat([
  Buffer.of(0, 1, 0, 1, 0, 2, 0, 0),
  ...[1, 2, 3, 4].map(code => capability(code, `TGHTTEST${code}`)),
]);

/** TightVNC's security type with no tunnel and one sign-in method. */
function tight(type: number, name: string, inner: VncSecurity): VncSecurity {
  return {
    type: 16,
    initTrailer: TRAILER,
    check: async (peer, user) => {
      peer.send(uint32(1), capability(0, 'TGHTNOTUNNEL'));
      if ((await peer.take(4)).readUInt32BE() !== 0) return false;
      peer.send(uint32(1), capability(type, name));
      if ((await peer.take(4)).readUInt32BE() !== type) return false;
      return inner.check(peer, user);
    },
  };
}

export const TIGHT_PASSWORD_SECURITY = tight(2, 'STDVVNCAUTH_', PASSWORD_SECURITY);
export const TIGHT_NO_SECURITY = tight(1, 'STDVNOAUTH__', NO_SECURITY);
