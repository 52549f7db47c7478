import { LIMITS } from '@remote-access/contracts';
import { invalidKey } from '../wire/key-errors';

/**
 * The trimmed lines of a pasted or uploaded text with any line endings, without a byte order mark
 * and without leading or trailing empty lines.
 * @param subject for the error text: `private key`
 * @throws RemoteAccessError `invalid-key` for a text that is longer than any key
 */
export function keyLines(text: string, subject: string): string[] {
  if (text.length > LIMITS.key) {
    throw invalidKey(
      `The ${subject} is too large: ${text.length} characters, at most ${LIMITS.key} are allowed.`,
    );
  }
  return text
    .replace(/^\uFEFF/, '')
    .trim()
    .split(/\r\n|\r|\n/)
    .map(line => line.trim());
}

const FIRST_LINE = /^-{4,5} ?BEGIN [A-Z0-9 ]{1,60}?-{4,5}/;
const LAST_LINE = /-{4,5} ?END [A-Z0-9 ]{1,60}-{4,5}$/;

/** More than the longest last line, so that no regular expression runs over a whole file. */
const LAST_LINE_CHARACTERS = 80;

/** PEM, RFC 4716 and PuTTY's files, in which a backslash only stands for a line break. */
const IS_BLOCK = /^(?:-|PuTTY-)/;

/** A literal `\n`, as forms, spreadsheets and environment variables write line breaks. */
const LITERAL = String.raw`(?:\\r)?\\n`;
const LINE_END = new RegExp(LITERAL, 'g');

/**
 * The same between lines of keys: at the end, before a comment or mark, or before a key with or
 * without host names. Comments may be names such as `corp\nina@pc`.
 */
const LINE_END_OF_KEY = new RegExp(
  String.raw`${LITERAL}(?=$|\s*[#@]|\s*(?:[^\s\\]+[ \t]+)?(?:(?:sk-)?(?:ssh|ecdsa)-|\d+[ \t]+\d+[ \t]+\d))`,
  'g',
);

/**
 * Restores the line breaks of keys that a form, a spreadsheet or an environment variable has put on
 * one line: as a literal `\n`, or as spaces in PEM.
 * @returns the text, and whether it was changed
 */
export function withLineEnds(text: string): {
  readonly text: string;
  readonly isRepaired: boolean;
} {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (text.length > LIMITS.key || /[\r\n]/.test(trimmed)) return { text, isRepaired: false };
  const unquoted = trimmed.replace(/^"|"$/g, '');
  const lineEnd = IS_BLOCK.test(unquoted) ? LINE_END : LINE_END_OF_KEY;
  const unescaped = unquoted.replace(lineEnd, '\n');
  if (unescaped.includes('\n')) return { text: unescaped, isRepaired: true };
  const [begin = ''] = FIRST_LINE.exec(trimmed) ?? [];
  const [end = ''] = LAST_LINE.exec(trimmed.slice(-LAST_LINE_CHARACTERS)) ?? [];
  if (begin === '' || end === '' || begin.length + end.length >= trimmed.length) {
    return { text, isRepaired: false };
  }
  const body = trimmed.slice(begin.length, -end.length);
  return { text: [begin, ...pemLines(body), end].join('\n'), isRepaired: true };
}

/** Headers of encrypted PEM files (RFC 1421 4.6). */
const HEADER_NAMES = ['Proc-Type:', 'DEK-Info:'];

/** Headers such as `DEK-Info: AES-128-CBC,0A1B` keep their space. */
function pemLines(body: string): string[] {
  const lines: string[] = [];
  for (const word of body.trim().split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && HEADER_NAMES.includes(last))
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A key's comment as one printable line of limited length. */
export function keyComment(text: string): string {
  return text
    .slice(0, LIMITS.hostname)
    .replace(/\p{C}+/gu, ' ')
    .trim();
}

/** Strict: characters outside base64 indicate a damaged file and are not skipped. */
export function decodeBase64(text: string): Buffer {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) {
    throw invalidKey('The key is cut off or damaged: its base64 text is incomplete.');
  }
  return Buffer.from(text, 'base64');
}

/** A block of base64 between BEGIN and END, as in PEM (RFC 7468, RFC 1421) and RFC 4716. */
export interface PemBlock {
  /** The text after BEGIN: `RSA PRIVATE KEY`. */
  readonly label: string;
  /** Header lines by lower-case name: `dek-info`, `comment`. */
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Buffer;
}

const BEGIN = /^-{4,5} ?BEGIN ([A-Z0-9 ]{1,60}?) ?-{4,5}$/;
const END = /^-{4,5} ?END ([A-Z0-9 ]{1,60}?) ?-{4,5}$/;
/** RFC 4716 3.3 and RFC 1421 4.6. */
const HEADER = /^([A-Za-z][\w-]{0,63}):\s?(.*)$/;

/**
 * The first block with one of the wanted labels; OpenSSL's files may contain text and other blocks
 * before it. Works line by line, so that no regular expression runs over a whole file.
 * @returns `undefined` if there is no such block
 */
export function findPemBlock(
  lines: readonly string[],
  isWanted: (label: string) => boolean,
): PemBlock | undefined {
  for (const [at, line] of lines.entries()) {
    const label = pemLabel(line);
    if (label !== undefined && isWanted(label)) return readBlock(label, lines.slice(at + 1));
  }
  return undefined;
}

/** The label of the block that begins with this line. */
export function pemLabel(line: string): string | undefined {
  return BEGIN.exec(line)?.[1];
}

export function hasPemBlock(lines: readonly string[]): boolean {
  return lines.some(line => BEGIN.test(line));
}

function readBlock(label: string, lines: readonly string[]): PemBlock {
  const end = lines.findIndex(line => END.exec(line)?.[1] === label);
  if (end === -1) {
    throw invalidKey(`The key is cut off: the line "END ${label}" at its end is missing.`);
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
    // RFC 4716 3.3: a backslash at the end continues the header on the next line.
    while (value.endsWith('\\') && at + 1 < end) value = value.slice(0, -1) + lines[++at]!;
    headers.set(header[1]!.toLowerCase(), value);
  }
  return { label, headers, bytes: decodeBase64(body.join('')) };
}
