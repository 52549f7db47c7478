import { createECDH, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { ALGORITHM_OIDS } from './algorithm-oids';
import { DER, DerReader } from './der-reader';
import { derForm } from './der-form';
import type { Curve } from './key-type';
import { refusedKey } from './refused-key';

/** The public half of a private key, computed by OpenSSL. Sizes were looked at before. */
export const derivePublic = {
  dsa(p: Buffer, q: Buffer, g: Buffer, x: Buffer): Buffer {
    // PKCS#8 holds no public half of a DSA key: OpenSSL computes it while reading.
    const parameters = derForm.sequence(...[p, q, g].map(derForm.integer));
    return new DerReader(publicBits(ALGORITHM_OIDS.dsa, parameters, derForm.integer(x))).integer();
  },

  ecdsa(curve: Curve, scalar: Buffer): Buffer {
    try {
      const ecdh = createECDH(curve.openssl);
      ecdh.setPrivateKey(scalar);
      return ecdh.getPublicKey();
    } catch (error) {
      throw underivable(error);
    }
  },

  ed25519(seed: Buffer): Buffer {
    return publicBits(ALGORITHM_OIDS.ed25519, undefined, derForm.value(DER.octets, seed));
  },
};

/** The bit string of the public key (RFC 5280 4.1) that belongs to a PKCS#8 key. */
function publicBits(oid: string, parameters: Buffer | undefined, secret: Buffer): Buffer {
  const algorithm = derForm.sequence(derForm.oid(oid), ...(parameters ? [parameters] : []));
  const version = derForm.integer(Buffer.alloc(1));
  const key = derForm.sequence(version, algorithm, derForm.value(DER.octets, secret));
  let publicKey: KeyObject;
  try {
    publicKey = createPublicKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
  } catch (error) {
    throw underivable(error);
  }
  const info = new DerReader(publicKey.export({ format: 'der', type: 'spki' })).within(
    DER.sequence,
  );
  info.read(DER.sequence);
  return info.bits();
}

function underivable(_cause: unknown): Error {
  return refusedKey('The private key is damaged: no public key belongs to it.');
}
