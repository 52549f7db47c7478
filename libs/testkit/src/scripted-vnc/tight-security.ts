import { NO_SECURITY, PASSWORD_SECURITY } from './password-security';
import { uint32 } from './vnc-peer';
import type { VncSecurity } from './vnc-security';

const capability = (code: number, name: string): Buffer =>
  Buffer.concat([uint32(code), Buffer.from(name.padEnd(12, '_'))]);

/** Three counts, two bytes of nothing, and a capability for each. */
const TRAILER = Buffer.concat([
  Buffer.of(0, 1, 0, 1, 0, 2, 0, 0),
  ...[1, 2, 3, 4].map(code => capability(code, `TGHTTEST${code}`)),
]);

/** TightVNC's way, with a tunnel that is none, and one way to sign in. */
function tight(type: number, name: string, inner: VncSecurity): VncSecurity {
  return {
    type: 16,
    initTrailer: TRAILER,
    check: async (peer, user) => {
      peer.say(uint32(1), capability(0, 'TGHTNOTUNNEL'));
      if ((await peer.take(4)).readUInt32BE() !== 0) return false;
      peer.say(uint32(1), capability(type, name));
      if ((await peer.take(4)).readUInt32BE() !== type) return false;
      return inner.check(peer, user);
    },
  };
}

export const TIGHT_PASSWORD_SECURITY = tight(2, 'STDVVNCAUTH_', PASSWORD_SECURITY);
export const TIGHT_NO_SECURITY = tight(1, 'STDVNOAUTH__', NO_SECURITY);
