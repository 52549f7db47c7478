import { DER } from './der-reader';
import { wireForm } from './wire-form';

/** Values in DER (X.690), as far as OpenSSL needs them to take a key. */
export const derForm = {
  value(tag: number, content: Buffer): Buffer {
    return Buffer.concat([Buffer.from([tag]), lengthOf(content), content]);
  },

  sequence(...parts: readonly Buffer[]): Buffer {
    return derForm.value(DER.sequence, Buffer.concat(parts));
  },

  /** @param number big-endian, not negative */
  integer(number: Buffer): Buffer {
    const content = wireForm.positive(number);
    return derForm.value(DER.integer, content.length === 0 ? Buffer.alloc(1) : content);
  },

  /** @param dotted `1.3.101.112` */
  oid(dotted: string): Buffer {
    const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
    return derForm.value(DER.oid, Buffer.from([first * 40 + second, ...others.flatMap(base128)]));
  },
};

function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = wireForm.uint32(length);
  const significant = bytes.subarray(bytes.findIndex(byte => byte !== 0));
  return Buffer.concat([Buffer.from([0x80 | significant.length]), significant]);
}

function base128(arc: number): number[] {
  const last = arc & 0x7f;
  return arc < 0x80 ? [last] : [...base128(arc >>> 7).map(byte => byte | 0x80), last];
}
