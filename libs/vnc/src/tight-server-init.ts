import { BIG_ENDIAN } from './big-endian';
import { read, type Handshake } from './handshake';
import type { VncTexts } from './vnc-texts';

/** Size of the screen, its pixel format, and the length of its name (RFC 6143, section 7.3.2). */
const HEAD_BYTES = 24;
const NAME_LENGTH_AT = 20;
const MAX_NAME_BYTES = 64 * 1024;

/** Three counts of what the server can, two bytes that mean nothing, and 16 bytes for each. */
const COUNTS_BYTES = 8;
const COUNTS = 3;
const CAPABILITY_BYTES = 16;
const MAX_CAPABILITIES = 1024;

/**
 * What a server says of its screen after a sign-in by Tight, without what Tight puts behind it: a
 * client that did not sign in by Tight itself does not expect it.
 */
export function* tightServerInit(texts: VncTexts): Handshake<Uint8Array> {
  const head = yield* read(HEAD_BYTES, 'its screen');
  const nameBytes = BIG_ENDIAN.readUint32(head, NAME_LENGTH_AT);
  if (nameBytes > MAX_NAME_BYTES) throw texts.brokenSignIn(`its name has ${nameBytes} bytes`);
  const name = yield* read(nameBytes, 'its name');
  const counts = yield* read(COUNTS_BYTES, 'its capabilities');
  let total = 0;
  for (let at = 0; at < COUNTS; at += 1) total += BIG_ENDIAN.readUint16(counts, 2 * at);
  if (total > MAX_CAPABILITIES) throw texts.brokenSignIn(`its capabilities are ${total}`);
  yield* read(total * CAPABILITY_BYTES, 'its capabilities');
  const init = new Uint8Array(head.length + name.length);
  init.set(head);
  init.set(name, head.length);
  return init;
}
