import { refusedKey } from './refused-key';

export const DER = { integer: 2, bits: 3, octets: 4, null: 5, oid: 6, sequence: 0x30 } as const;

/** Takes values off DER (X.690), as far as key files use it. Throws where it is not well formed. */
export class DerReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get isDone(): boolean {
    return this.at >= this.bytes.length;
  }

  /** The tag of what comes next, `undefined` at the end. */
  get next(): number | undefined {
    return this.bytes[this.at];
  }

  /** The content of the next value, which must have this tag. */
  read(tag: number): Buffer {
    if (this.next !== tag) throw damaged();
    this.at += 1;
    const length = this.length();
    if (length > this.bytes.length - this.at) throw damaged();
    const content = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return content;
  }

  within(tag: number): DerReader {
    return new DerReader(this.read(tag));
  }

  /** A number that is not negative, as bytes. */
  integer(): Buffer {
    const content = this.read(DER.integer);
    if (content.length === 0 || content[0]! >= 0x80) throw damaged();
    return content;
  }

  /** A number that counts something, such as rounds; at most 2^48, larger ones as 2^48. */
  count(): number {
    const LARGEST = 2 ** 48;
    const bytes = this.integer();
    const significant = bytes.subarray(
      Math.max(
        0,
        bytes.findIndex(byte => byte !== 0),
      ),
    );
    return significant.length > 6 ? LARGEST : significant.readUIntBE(0, significant.length);
  }

  /** Dotted: `1.2.840.113549.1.1.1`. */
  oid(): string {
    const MAX_BYTES = 32;
    const content = this.read(DER.oid);
    if (content.length === 0 || content.length > MAX_BYTES) throw damaged();
    const arcs: number[] = [];
    let arc = 0;
    for (const byte of content) {
      arc = arc * 128 + (byte & 0x7f);
      if (byte >= 0x80) continue;
      arcs.push(arc);
      arc = 0;
    }
    const [first = 0, ...others] = arcs;
    const root = Math.min(2, Math.floor(first / 40));
    return [root, first - root * 40, ...others].join('.');
  }

  /** The content of a bit string of whole bytes. */
  bits(): Buffer {
    const content = this.read(DER.bits);
    if (content[0] !== 0) throw damaged();
    return content.subarray(1);
  }

  private length(): number {
    const first = this.bytes[this.at++];
    if (first === undefined) throw damaged();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 4 || this.at + count > this.bytes.length) throw damaged();
    this.at += count;
    return this.bytes.readUIntBE(this.at - count, count);
  }
}

function damaged(): Error {
  return refusedKey('The key is cut off or damaged: its content is not well formed.');
}
