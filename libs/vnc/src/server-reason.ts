import { BIG_ENDIAN } from './big-endian';
import { read, type Handshake } from './handshake';

/** What is read of a reason; the connection is over then, and the rest stays where it is. */
const MAX_REASON_BYTES = 1024;

/** A length and as many bytes of text, by which a server says why not. */
export function* serverReason(): Handshake<string> {
  const length = BIG_ENDIAN.readUint32(yield* read(4, 'its reason'));
  const bytes = yield* read(Math.min(length, MAX_REASON_BYTES), 'its reason');
  return new TextDecoder().decode(bytes);
}
