import { READ_QUOTA_BYTES } from '@remote-access/streams';
import type { Duplex } from 'node:stream';

/**
 * Lets a stream that somebody reads in flowing mode take no more than its share of a turn of the
 * event loop. Decrypting what libuv reads at once would keep the keystrokes of all others waiting.
 */
export function limitReading(stream: Duplex, quotaBytes = READ_QUOTA_BYTES): void {
  let takenThisTurn = 0;
  let nextTurn: NodeJS.Immediate | undefined;
  stream.on('data', (chunk: Buffer) => {
    takenThisTurn += chunk.length;
    if (takenThisTurn >= quotaBytes) stream.pause();
    nextTurn ??= setImmediate(() => {
      nextTurn = undefined;
      takenThisTurn = 0;
      stream.resume();
    });
  });
}
