import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const PROTOCOL = Buffer.from('MIT-MAGIC-COOKIE-1');
const COOKIE_BYTES = 16;

/** Xauth's FamilyWild: the cookie is for every display that is told of this file. */
const ANY_DISPLAY = 0xffff;

/**
 * Makes a file of Xauthority with a fresh cookie. Without one an X server lets every user of the
 * machine draw, type and listen on its display.
 */
export function writeXAuthority(path: string): void {
  const field = (bytes: Buffer): Buffer => Buffer.concat([uint16(bytes.length), bytes]);
  const noName = field(Buffer.alloc(0));
  const cookie = field(randomBytes(COOKIE_BYTES));
  const entry = Buffer.concat([uint16(ANY_DISPLAY), noName, noName, field(PROTOCOL), cookie]);
  writeFileSync(path, entry, { mode: 0o600 });
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
