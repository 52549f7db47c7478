import { createCipheriv, randomBytes } from 'node:crypto';
import { uint32, type VncSecurity } from './vnc-peer';

export const NO_SECURITY: VncSecurity = { type: 1, check: () => Promise.resolve(true) };

/** VNC authentication: the first eight characters with the bits of each reversed are a DES key. */
export const PASSWORD_SECURITY: VncSecurity = {
  type: 2,
  check: async (peer, { password }) => {
    const challenge = randomBytes(16);
    peer.send(challenge);
    const key = Buffer.from(Buffer.from(password.padEnd(8, '\0')).subarray(0, 8).map(reverseBits));
    const des = createCipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null);
    const expected = des.setAutoPadding(false).update(challenge);
    return (await peer.take(16)).equals(expected);
  },
};

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
