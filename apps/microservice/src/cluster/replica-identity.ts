import { randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { P256Key } from './cluster-keys';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const AUTHORITY_NAME = 'CN=Cloud Remote Access replicas';
const DAY_MS = 24 * 60 * 60 * 1_000;

/** Clocks may differ, and may be set back. */
const BEFORE_MS = 2 * DAY_MS;

/** The key lives in this process only, which may run for a long time. */
const LIFETIME_MS = 3_650 * DAY_MS;

/** The domain of the names in certificates; it is never resolved. */
const DOMAIN = 'replica.invalid';

/** What a replica presents to others, and what it accepts; in PEM. */
export interface ReplicaIdentity {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

/** The name in the certificate of a replica. */
export function nameOfReplica(id: string): string {
  return `${id}.${DOMAIN}`;
}

/** The id in the certificate of a replica, which must have been verified. */
export function idOfReplica({ subjectaltname = '' }: { subjectaltname?: string }): string {
  return subjectaltname.slice('DNS:'.length, -(DOMAIN.length + 1));
}

/**
 * Creates a key and has it certified by the authority that all replicas derive from their account.
 * Every replica creates the authority's certificate itself: only its name and key matter.
 */
export async function makeIdentity(id: string, authority: P256Key): Promise<ReplicaIdentity> {
  const { subtle } = webcrypto;
  const jwk = { kty: 'EC', crv: 'P-256', x: authority.x, y: authority.y };
  const keys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const caKeys = {
    publicKey: await subtle.importKey('jwk', jwk, ALGORITHM, true, ['verify']),
    privateKey: await subtle.importKey('jwk', { ...jwk, d: authority.d }, ALGORITHM, false, [
      'sign',
    ]),
  };
  const now = Date.now();
  const validity = {
    notBefore: new Date(now - BEFORE_MS),
    notAfter: new Date(now + LIFETIME_MS),
    signingAlgorithm: ALGORITHM,
  };
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: '01',
    name: AUTHORITY_NAME,
    keys: caKeys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
    ],
  });
  const cert = await X509CertificateGenerator.create({
    ...validity,
    serialNumber: serialNumber(),
    subject: 'CN=Replica',
    issuer: AUTHORITY_NAME,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension([{ type: 'dns', value: nameOfReplica(id) }]),
    ],
  });
  const key = await subtle.exportKey('pkcs8', keys.privateKey);
  return {
    key: PemConverter.encode(key, 'PRIVATE KEY'),
    cert: cert.toString('pem'),
    ca: ca.toString('pem'),
  };
}

/** Positive, as RFC 5280 section 4.1.2.2 requires. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}
