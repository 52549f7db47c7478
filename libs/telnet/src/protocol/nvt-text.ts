import { COMMANDS } from './telnet-codes';

const NUL = 0;
const LF = 10;
const CR = 13;

/** A carriage return alone is `CR NUL` on a network virtual terminal (RFC 854, page 12). */
export class NvtReader {
  private afterCr = false;

  /** Takes the NUL of each `CR NUL` away, also where the two came apart. */
  read(bytes: Uint8Array): Uint8Array {
    const first = bytes[0];
    if (first === undefined) return bytes;
    const skipsFirst = this.afterCr && first === NUL;
    this.afterCr = bytes.at(-1) === CR;
    const rest = skipsFirst ? bytes.subarray(1) : bytes;
    return hasCrNul(rest) ? rest.filter((byte, at) => byte !== NUL || rest[at - 1] !== CR) : rest;
  }

  /** The far end has changed to BINARY, or back. */
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
 * Bytes as they go onto a Telnet connection: 255 doubled and, unless it is binary, a carriage
 * return as `CR NUL`; one with a line feed behind it is the end of a line and stays.
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
