import { invalidKey } from './key-errors';
import { sshWire } from './ssh-wire';

export const DER = { integer: 2, bits: 3, octets: 4, oid: 6, sequence: 0x30 } as const;

/**
 * Reads the subset of DER (X.690) that key files use, one value at a time. Only what the caller
 * asks for is parsed, so hostile input costs no time (docs/decisions/0072). Malformed input throws
 * RemoteAccessError `invalid-key`.
 */
export class DerReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get isDone(): boolean {
    return this.at >= this.bytes.length;
  }

  /** The tag of the next value; `undefined` at the end. */
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

  /** A non-negative number, big-endian. */
  integer(): Buffer {
    const content = this.read(DER.integer);
    if (content.length === 0 || content[0]! >= 0x80) throw damaged();
    return content;
  }

  /** A small number, such as a count of rounds; numbers above 2^48 are returned as 2^48. */
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

  /** In dotted form: `1.2.840.113549.1.1.1`. */
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

  /** The content of a bit string without unused bits. */
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
  return invalidKey('The key is cut off or damaged: its content is not well formed.');
}

/** Writes DER (X.690), for keys that are passed to OpenSSL. */
export const encodeDer = {
  value(tag: number, content: Buffer): Buffer {
    return Buffer.concat([Buffer.from([tag]), lengthOf(content), content]);
  },

  sequence(...parts: readonly Buffer[]): Buffer {
    return encodeDer.value(DER.sequence, Buffer.concat(parts));
  },

  /** @param number big-endian, not negative */
  integer(number: Buffer): Buffer {
    const content = sshWire.positive(number);
    return encodeDer.value(DER.integer, content.length === 0 ? Buffer.alloc(1) : content);
  },

  /** @param dotted `1.3.101.112` */
  oid(dotted: string): Buffer {
    const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
    return encodeDer.value(DER.oid, Buffer.from([first * 40 + second, ...others.flatMap(base128)]));
  },
};

function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = sshWire.uint32(length);
  const significant = bytes.subarray(bytes.findIndex(byte => byte !== 0));
  return Buffer.concat([Buffer.from([0x80 | significant.length]), significant]);
}

function base128(arc: number): number[] {
  const last = arc & 0x7f;
  return arc < 0x80 ? [last] : [...base128(arc >>> 7).map(byte => byte | 0x80), last];
}

/** The key algorithms of PKCS#8 and X.509 (RFC 3279 2.3, RFC 8410 3). */
export const ALGORITHM_OIDS = {
  rsa: '1.2.840.113549.1.1.1',
  dsa: '1.2.840.10040.4.1',
  ec: '1.2.840.10045.2.1',
  ed25519: '1.3.101.112',
} as const;
