import { createHmac, timingSafeEqual } from 'node:crypto';

const STEP_MS = 30_000;
const DIGITS = 6;

/** Clocks of phones differ, and typing takes a while. */
const ACCEPTED_STEPS = [-1, 0, 1];

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The code that an authenticator shows (RFC 6238, with SHA-1 and six digits). */
export function oneTimeCode(base32Secret: string, now: Date, stepsLater = 0): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now.getTime() / STEP_MS) + stepsLater));
  const mac = createHmac('sha1', fromBase32(base32Secret)).update(counter).digest();
  // RFC 4226, section 5.3: four bytes at the offset given by the low half of the last byte, without
  // the sign bit.
  const number = mac.readUInt32BE(mac.at(-1)! & 0x0f) & 0x7fffffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

export function isOneTimeCode(code: string, base32Secret: string, now: Date): boolean {
  return ACCEPTED_STEPS.some(steps => {
    const expected = Buffer.from(oneTimeCode(base32Secret, now, steps));
    const given = Buffer.from(code);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

function fromBase32(text: string): Buffer {
  const bits = [...text.toUpperCase().replace(/[=\s]/g, '')]
    .map(character => BASE32.indexOf(character).toString(2).padStart(5, '0'))
    .join('');
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map(byte => parseInt(byte, 2)));
}
