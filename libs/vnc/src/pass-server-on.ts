import { RemoteAccessError } from '@remote-access/contracts';
import { BIG_ENDIAN } from './big-endian';
import { send, type Handshake } from './handshake';
import { greetClient } from './offer-none';
import { VERSIONS, type Version } from './protocol-version';

/**
 * Tells a client what a server has said, up to its ways to sign in, so that the two go on with each
 * other from there.
 */
export function* passServerOn(version: Version, offered: readonly number[]): Handshake<void> {
  const chosen = yield* greetClient(version);
  if (chosen !== version) {
    throw new RemoteAccessError('malformed-request', {
      detail: `The client does not speak version ${version} of RFB, which the server does.`,
    });
  }
  if (version === VERSIONS.v3_3) yield* send(BIG_ENDIAN.uint32(offered[0] ?? 0));
  else yield* send(Uint8Array.of(offered.length, ...offered));
}
