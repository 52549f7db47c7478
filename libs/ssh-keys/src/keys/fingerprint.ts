import { createHash } from 'node:crypto';

/** `SHA256:…`, base64 without padding, as ssh-keygen prints it. */
export function sha256Fingerprint(blob: Buffer): string {
  return `SHA256:${sha256(blob).toString('base64').replaceAll('=', '')}`;
}

/** `MD5:aa:bb:…`, as older programs print it. */
export function md5Fingerprint(blob: Buffer): string {
  const digest = createHash('md5').update(blob).digest();
  return `MD5:${Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join(':')}`;
}

const COLUMNS = 17;
const ROWS = 9;
/** Indexed by the number of visits to a field; the last two mark the start and the end. */
const MARKS = ' .o+=*BOX@%&#/^SE';
const MAX_VISITS = MARKS.length - 3;
const START = MARKS.length - 2;
const END = MARKS.length - 1;

/**
 * The picture that OpenSSH draws of a key's SHA-256 ("drunken bishop", `ssh-keygen -lv`), which
 * people recognize more easily than digits.
 * @param title e.g. `ED25519 256`
 * @returns 11 lines of 19 characters, joined by line feeds
 */
export function randomart(title: string, blob: Buffer): string {
  const field = walk(sha256(blob));
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const marks = field.slice(row * COLUMNS, (row + 1) * COLUMNS).map(visits => MARKS[visits]);
    return `|${marks.join('')}|`;
  });
  return [border(`[${title}]`), ...lines, border('[SHA256]')].join('\n');
}

function walk(digest: Buffer): number[] {
  const field = new Array<number>(COLUMNS * ROWS).fill(0);
  let column = (COLUMNS - 1) / 2;
  let row = (ROWS - 1) / 2;
  for (const byte of digest) {
    for (let shift = 0; shift < 8; shift += 2) {
      const step = byte >> shift;
      column = clamp(column + (step & 1 ? 1 : -1), COLUMNS);
      row = clamp(row + (step & 2 ? 1 : -1), ROWS);
      const at = row * COLUMNS + column;
      field[at] = Math.min(field[at]! + 1, MAX_VISITS);
    }
  }
  field[((ROWS - 1) / 2) * COLUMNS + (COLUMNS - 1) / 2] = START;
  field[row * COLUMNS + column] = END;
  return field;
}

function clamp(value: number, size: number): number {
  return Math.min(Math.max(value, 0), size - 1);
}

function border(title: string): string {
  const left = Math.floor((COLUMNS - title.length) / 2);
  return `+${'-'.repeat(left)}${title}${'-'.repeat(COLUMNS - left - title.length)}+`;
}

function sha256(blob: Buffer): Buffer {
  return createHash('sha256').update(blob).digest();
}
