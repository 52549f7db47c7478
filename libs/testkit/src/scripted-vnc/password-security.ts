import { createCipheriv, randomBytes } from 'node:crypto';
import type { VncSecurity } from './vnc-security';

export const NO_SECURITY: VncSecurity = { type: 1, check: () => Promise.resolve(true) };

/** VNC's password: the first eight characters, the bits of each mirrored, are a DES key. */
export const PASSWORD_SECURITY: VncSecurity = {
  type: 2,
  check: async (peer, { password }) => {
    const challenge = randomBytes(16);
    peer.say(challenge);
    const key = Buffer.from(Buffer.from(password.padEnd(8, '\0')).subarray(0, 8).map(mirror));
    const des = createCipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null);
    const expected = des.setAutoPadding(false).update(challenge);
    return (await peer.take(16)).equals(expected);
  },
};

/** The bits of a byte from the other end. */
export function mirror(byte: number): number {
  return parseInt(byte.toString(2).padStart(8, '0').split('').reverse().join(''), 2);
}
