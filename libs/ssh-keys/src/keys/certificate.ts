import { invalidKey } from '../wire/key-errors';
import { WireReader } from '../wire/ssh-wire';
import { certifiedKeyType } from './key-type';
import { PublicKey, unsupportedType } from './public-key';

const SUBJECT = 'certificate';
const SSH_CERT_TYPE_USER = 1;
const SSH_CERT_TYPE_HOST = 2;

/** Means "forever" in `valid before`; 0 means "always" in `valid after`. */
const FOREVER = 0xffff_ffff_ffff_ffffn;
/** The last second that a Date can represent. */
const LAST_SECOND = 8_640_000_000_000n;

/** An OpenSSH certificate of a user's key (OpenSSH's PROTOCOL.certkeys). */
export interface Certificate {
  /** `ssh-ed25519-cert-v01@openssh.com`. */
  readonly type: string;
  readonly publicKey: PublicKey;
  readonly authority: PublicKey;
  readonly serial: bigint;
  readonly keyId: string;
  readonly principals: readonly string[];
  readonly validAfter: Date | null;
  readonly validBefore: Date | null;
  readonly blob: Buffer;
}

/**
 * Reads a user certificate. Verifying its signature is left to the server, because only the server
 * knows the authorities that it trusts.
 * @throws RemoteAccessError `invalid-key`
 */
export function readCertificateBlob(blob: Buffer): Certificate {
  const reader = new WireReader(blob, SUBJECT);
  const type = reader.text();
  const keyType = certifiedKeyType(type);
  if (!keyType) throw unsupportedType(type.replace('-cert-', '-'));
  reader.string(); // nonce
  const publicKey = PublicKey.read(keyType, reader);
  const serial = reader.uint64();
  const role = reader.uint32();
  if (role === SSH_CERT_TYPE_HOST) {
    throw invalidKey('This is a host certificate; signing in needs a user certificate.');
  }
  if (role !== SSH_CERT_TYPE_USER)
    throw invalidKey('The certificate is damaged: it is for neither a user nor a host.');
  const keyId = reader.text();
  const principals = listOf(reader.string());
  const validAfter = reader.uint64();
  const validBefore = reader.uint64();
  reader.string(); // critical options
  reader.string(); // extensions
  reader.string(); // reserved
  const authority = PublicKey.fromBlob(reader.string());
  reader.string(); // signature
  reader.end();
  return {
    type,
    publicKey,
    authority,
    serial,
    keyId,
    principals,
    validAfter: validAfter === 0n ? null : dateOf(validAfter),
    validBefore: validBefore === FOREVER ? null : dateOf(validBefore),
    blob,
  };
}

export function certificateLine({ type, blob }: Certificate, comment: string): string {
  return [type, blob.toString('base64'), comment].filter(Boolean).join(' ');
}

function listOf(bytes: Buffer): string[] {
  const reader = new WireReader(bytes, SUBJECT);
  const texts: string[] = [];
  while (!reader.isDone) texts.push(reader.text());
  return texts;
}

function dateOf(seconds: bigint): Date {
  const bounded = seconds > LAST_SECOND ? LAST_SECOND : seconds;
  return new Date(Number(bounded) * 1000);
}
