import { COMMANDS } from './telnet-codes';

const NUL = 0;
const LF = 10;
const CR = 13;

/**
 * Decodes text of a network virtual terminal, where a lone carriage return is `CR NUL` (RFC 854,
 * page 12).
 */
export class NvtReader {
  private afterCr = false;

  /** Removes the NUL of each `CR NUL`, even if the two arrive in different chunks. */
  read(bytes: Uint8Array): Uint8Array {
    const first = bytes[0];
    if (first === undefined) return bytes;
    const skipsFirst = this.afterCr && first === NUL;
    this.afterCr = bytes.at(-1) === CR;
    const rest = skipsFirst ? bytes.subarray(1) : bytes;
    return hasCrNul(rest) ? rest.filter((byte, at) => byte !== NUL || rest[at - 1] !== CR) : rest;
  }

  /** Call this when the sender switches BINARY on or off. */
  reset(): void {
    this.afterCr = false;
  }
}

function hasCrNul(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(NUL); at >= 0; at = bytes.indexOf(NUL, at + 1)) {
    if (bytes[at - 1] === CR) return true;
  }
  return false;
}

/**
 * Encodes bytes for a Telnet connection: 255 is doubled and, unless the connection is binary, a
 * lone carriage return becomes `CR NUL`. CR LF is unchanged, because it ends a line.
 */
export function escaped(bytes: Uint8Array, { binary = true } = {}): Uint8Array {
  const isSpecial = (byte: number): boolean => byte === COMMANDS.IAC || (!binary && byte === CR);
  if (!bytes.some(isSpecial)) return bytes;
  const out: number[] = [];
  bytes.forEach((byte, at) => {
    out.push(byte);
    if (byte === COMMANDS.IAC) out.push(COMMANDS.IAC);
    else if (isSpecial(byte) && bytes[at + 1] !== LF) out.push(NUL);
  });
  return Uint8Array.from(out);
}
