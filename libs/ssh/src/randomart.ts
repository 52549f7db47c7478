import type { HostKey } from './host-key';

const COLUMNS = 17;
const ROWS = 9;
/** For how often a field was stepped on; the last two mark the start and the end. */
const MARKS = ' .o+=*BOX@%&#/^SE';
const MOST_STEPS = MARKS.length - 3;
const START = MARKS.length - 2;
const END = MARKS.length - 1;

/**
 * The picture that OpenSSH draws of a key, so that a person who has seen it can tell it again: a
 * walk over a field that the SHA-256 of the key decides ("drunken bishop", ssh-keygen -lv).
 * @returns 11 lines of 19 characters
 */
export function randomart(key: HostKey, digest: Buffer): string {
  const field = walk(digest);
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const marks = field.slice(row * COLUMNS, (row + 1) * COLUMNS).map(steps => MARKS[steps]);
    return `|${marks.join('')}|`;
  });
  return [border(`[${key.shortName} ${key.bits}]`), ...lines, border('[SHA256]')].join('\n');
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
      field[at] = Math.min(field[at]! + 1, MOST_STEPS);
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
