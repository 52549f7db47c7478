import { LIMITS } from '@remote-access/contracts';
import { refusedKey } from './refused-key';

/**
 * The lines of a pasted or uploaded text: without byte order mark, surrounding spaces and empty
 * lines around it, whatever its line ends.
 * @param what for the words of a refusal: `private key`
 * @throws RemoteAccessError `invalid-key` for a text that is longer than any key
 */
export function textLines(text: string, what: string): string[] {
  if (text.length > LIMITS.key) {
    throw refusedKey(
      `The ${what} is too large: ${text.length} characters, at most ${LIMITS.key} are read.`,
    );
  }
  return text
    .replace(/^\uFEFF/, '')
    .trim()
    .split(/\r\n|\r|\n/)
    .map(line => line.trim());
}
