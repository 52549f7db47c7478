import type { Encoding } from '@remote-access/contracts';
import type { Duplex } from 'node:stream';
import { TranscodedStream } from './transcoded-stream';

/**
 * The terminal of an endpoint as one of UTF-8, which clients speak. Bytes of a UTF-8 endpoint stay
 * what they are, also those that are no text: programs send files through terminals.
 */
export function transcoded(target: Duplex, encoding: Encoding = 'utf-8'): Duplex {
  return encoding === 'utf-8' ? target : new TranscodedStream(target, encoding);
}
