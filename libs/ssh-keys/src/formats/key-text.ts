import { refusedKey } from '../wire/key-errors';
import { LIMITS } from '@remote-access/contracts';

/** A block of base64 between two marks, as in PEM (RFC 7468, RFC 1421) and RFC 4716. */
export interface Armour {
  /** Between BEGIN and the dashes: `RSA PRIVATE KEY`. */
  readonly label: string;
  /** Header lines by lower-case name: `dek-info`, `comment`. */
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Buffer;
}

const BEGIN = /^-{4,5} ?BEGIN ([A-Z0-9 ]{1,60}?) ?-{4,5}$/;
const END = /^-{4,5} ?END ([A-Z0-9 ]{1,60}?) ?-{4,5}$/;
/** RFC 4716 3.3 and RFC 1421 4.6; a space or tab follows in all files that programs write. */
const HEADER = /^([A-Za-z][\w-]{0,63}):\s?(.*)$/;

/**
 * The first block whose label is wanted. Files of OpenSSL may have other blocks and text in front.
 * Line by line, so that no expression ever runs over a whole file.
 * @returns `undefined` where there is no such block
 */
export function findArmour(
  lines: readonly string[],
  isWanted: (label: string) => boolean,
): Armour | undefined {
  for (const [at, line] of lines.entries()) {
    const label = labelOf(line);
    if (label !== undefined && isWanted(label)) return readBlock(label, lines.slice(at + 1));
  }
  return undefined;
}

/** The label of the block that begins with this line. */
export function labelOf(line: string): string | undefined {
  return BEGIN.exec(line)?.[1];
}

/** Whether any block begins in these lines. */
export function hasArmour(lines: readonly string[]): boolean {
  return lines.some(line => BEGIN.test(line));
}

/** Strict: what is no base64 is a damaged file, not something to skip. */
export function fromBase64(text: string): Buffer {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) {
    throw refusedKey('The key is cut off or damaged: its base64 text is not whole.');
  }
  return Buffer.from(text, 'base64');
}

function readBlock(label: string, lines: readonly string[]): Armour {
  const end = lines.findIndex(line => END.exec(line)?.[1] === label);
  if (end === -1) {
    throw refusedKey(`The key is cut off: the line "END ${label}" at its end is missing.`);
  }
  const headers = new Map<string, string>();
  const body: string[] = [];
  for (let at = 0; at < end; at += 1) {
    const header = HEADER.exec(lines[at]!);
    if (!header) {
      body.push(lines[at]!);
      continue;
    }
    let value = header[2]!;
    // RFC 4716 3.3: a backslash at the end carries a header on to the next line.
    while (value.endsWith('\\') && at + 1 < end) value = value.slice(0, -1) + lines[++at]!;
    headers.set(header[1]!.toLowerCase(), value);
  }
  return { label, headers, bytes: fromBase64(body.join('')) };
}

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

/** A comment of a key as one line of bounded length, whatever a file has in its place. */
export function keyComment(text: string): string {
  return text
    .slice(0, LIMITS.hostname)
    .replace(/\p{C}+/gu, ' ')
    .trim();
}
