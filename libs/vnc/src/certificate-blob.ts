import type { X509Certificate } from 'node:crypto';
import { BIG_ENDIAN } from './big-endian';
import { rsaBlob } from './rsa-blob';

const CURVES: Readonly<Record<string, string>> = {
  'P-256': 'nistp256',
  'P-384': 'nistp384',
  'P-521': 'nistp521',
};

/**
 * The key of a certificate in the form of SSH (RFC 4253 section 6.6, RFC 5656, RFC 8709). Pinned is
 * the key and not the certificate: a server that renews it stays the same server.
 *
 * @returns `undefined` for keys that SSH does not know
 */
export function certificateBlob({ publicKey }: X509Certificate): Uint8Array | undefined {
  const key = publicKey.export({ format: 'jwk' });
  const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
  if (key.kty === 'RSA') return rsaBlob({ modulus: bytes(key.n), exponent: bytes(key.e) });
  const curve = CURVES[key.crv ?? ''];
  if (key.kty === 'EC' && curve) {
    const point = Buffer.concat([Buffer.of(4), bytes(key.x), bytes(key.y)]);
    return blob(Buffer.from(`ecdsa-sha2-${curve}`), Buffer.from(curve), point);
  }
  const isEd25519 = key.kty === 'OKP' && key.crv === 'Ed25519';
  return isEd25519 ? blob(Buffer.from('ssh-ed25519'), bytes(key.x)) : undefined;
}

function blob(...fields: readonly Buffer[]): Uint8Array {
  return Buffer.concat(fields.flatMap(field => [BIG_ENDIAN.uint32(field.length), field]));
}
