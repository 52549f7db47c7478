import { ALGORITHM_OIDS } from './algorithm-oids';
import { DER, DerReader } from './der-reader';
import { CURVES, DSA, ecdsa, ED25519, RSA } from './key-type';
import { PublicKey } from './public-key';
import { refusedKey } from './refused-key';
import { wireForm } from './wire-form';

const READERS: Readonly<Record<string, (der: Buffer) => PublicKey>> = {
  'PUBLIC KEY': readPublicKeyInfo,
  'RSA PUBLIC KEY': readPkcs1,
};

/** Whether a PEM label names a public key of a format that is read here. */
export function isPemPublicKey(label: string): boolean {
  return Object.hasOwn(READERS, label);
}

/**
 * Reads `PUBLIC KEY` (RFC 5280 4.1.2.7, RFC 3279 2.3, RFC 8410 4) and `RSA PUBLIC KEY`
 * (RFC 8017 A.1.1).
 * @throws RemoteAccessError `invalid-key`
 */
export function readPemPublicKey(label: string, der: Buffer): PublicKey {
  return READERS[label]!(der);
}

function readPkcs1(der: Buffer): PublicKey {
  const numbers = new DerReader(der).within(DER.sequence);
  const n = wireForm.positive(numbers.integer());
  return PublicKey.of(RSA, [wireForm.positive(numbers.integer()), n]);
}

function readPublicKeyInfo(der: Buffer): PublicKey {
  const info = new DerReader(der).within(DER.sequence);
  const algorithm = info.within(DER.sequence);
  const oid = algorithm.oid();
  const key = info.bits();
  switch (oid) {
    case ALGORITHM_OIDS.rsa:
      return readPkcs1(key);
    case ALGORITHM_OIDS.dsa: {
      const group = algorithm.within(DER.sequence);
      const numbers = [group.integer(), group.integer(), group.integer()];
      const fields = [...numbers, new DerReader(key).integer()];
      return PublicKey.of(DSA, fields.map(wireForm.positive));
    }
    case ALGORITHM_OIDS.ec: {
      const name = algorithm.next === DER.oid ? algorithm.oid() : undefined;
      const curve = CURVES.find(one => one.oid === name);
      if (!curve) throw refusedKey('The curve is not supported. Use nistp256, 384 or 521.');
      return PublicKey.of(ecdsa(curve), [Buffer.from(curve.name), key]);
    }
    case ALGORITHM_OIDS.ed25519:
      return PublicKey.of(ED25519, [key]);
    default:
      throw refusedKey('The public key is of a kind that SSH does not use.');
  }
}
