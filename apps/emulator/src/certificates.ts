import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

// Node can generate keys but not certificates. @peculiar/x509 uses Node's own cryptography, so it
// adds no second implementation of RSA or ECDSA.

const DAY_MS = 24 * 60 * 60 * 1000;
/** Browsers refuse server certificates that are valid for more than about a year. */
const LIFETIME_MS = 30 * DAY_MS;
const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface ServerIdentity {
  /** PEM. */
  key: string;
  cert: string;
  /** The CA's certificate, for clients that must trust the server. */
  caPath: string;
}

/** Stored in the data folder, so that clients need to trust the CA only once. */
interface KeptIdentity {
  key: string;
  cert: string;
  ca: string;
  /** ISO 8601. */
  notAfter: string;
}

/** A stored identity that expires sooner than this is replaced at startup. */
const RENEWED_BEFORE_MS = 7 * DAY_MS;

/**
 * The identity of the emulator for the loopback names, stored or new.
 *
 * @param folder where the CA's certificate is written, as `ca.pem`
 * @param dataFolder stores the identity for the next start
 */
export async function serverIdentity(
  folder: string,
  now: Date,
  dataFolder?: string,
): Promise<ServerIdentity> {
  const file = dataFolder === undefined ? undefined : join(dataFolder, 'tls.json');
  const before = file === undefined ? undefined : await keptIdentity(file, now);
  const identity = before ?? (await makeIdentity(now));
  if (file !== undefined && !before) {
    await mkdir(dataFolder!, { recursive: true });
    await writeFile(file, JSON.stringify(identity), { mode: 0o600 });
  }
  await mkdir(folder, { recursive: true });
  const caPath = join(folder, 'ca.pem');
  await writeFile(caPath, identity.ca);
  return { key: identity.key, cert: identity.cert, caPath };
}

/** @returns `undefined` if there is none that is valid for some more days */
async function keptIdentity(file: string, now: Date): Promise<KeptIdentity | undefined> {
  try {
    const kept = JSON.parse(await readFile(file, 'utf8')) as Partial<KeptIdentity>;
    const { key, cert, ca, notAfter = '' } = kept;
    const isUsable = Date.parse(notAfter) > now.getTime() + RENEWED_BEFORE_MS;
    return key && cert && ca && isUsable ? { key, cert, ca, notAfter } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Creates a CA and a server certificate for the loopback names. The CA's private key is discarded,
 * so nothing else can be signed with it.
 */
async function makeIdentity(now: Date): Promise<KeptIdentity> {
  const { subtle } = webcrypto;
  const caKeys = await subtle.generateKey(KEY_ALGORITHM, false, ['sign', 'verify']);
  const serverKeys = await subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  const validity = {
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + LIFETIME_MS),
    signingAlgorithm: KEY_ALGORITHM,
  };
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: serialNumber(),
    name: 'CN=Local Cumulocity emulator CA',
    keys: caKeys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const server = await X509CertificateGenerator.create({
    ...validity,
    serialNumber: serialNumber(),
    subject: 'CN=localhost',
    issuer: ca.subject,
    publicKey: serverKeys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  const key = await subtle.exportKey('pkcs8', serverKeys.privateKey);
  return {
    key: PemConverter.encode(key, 'PRIVATE KEY'),
    cert: server.toString('pem'),
    ca: `${ca.toString('pem')}\n`,
    notAfter: validity.notAfter.toISOString(),
  };
}

/** Positive, as RFC 5280 section 4.1.2.2 requires. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}
