import { generateKeyPair as generate, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { GeneratedKeyPair } from '@remote-access/contracts';
import { keyComment } from './formats/key-text';
import { writeOpensshContainer } from './formats/openssh-container';
import { readPkcs8 } from './formats/pem-key';
import type { Curve } from './keys/key-type';

export type NewKey =
  | { readonly algorithm: 'ED25519' }
  | { readonly algorithm: 'ECDSA'; readonly curve: Curve }
  | { readonly algorithm: 'RSA'; readonly bits: number };

/** Generates a key pair in the form in which an endpoint stores it. */
export async function generateKeyPair(request: NewKey, comment: string): Promise<GeneratedKeyPair> {
  const generated = await generateKey(request);
  const key = readPkcs8(generated.export({ format: 'der', type: 'pkcs8' }));
  const text = keyComment(comment);
  return { publicKey: key.publicKey.line(text), privateKey: writeOpensshContainer(key, text) };
}

async function generateKey(key: NewKey): Promise<KeyObject> {
  const make = promisify(generate);
  switch (key.algorithm) {
    case 'ED25519':
      return (await make('ed25519')).privateKey;
    case 'ECDSA':
      return (await make('ec', { namedCurve: key.curve.openssl })).privateKey;
    case 'RSA':
      return (await make('rsa', { modulusLength: key.bits })).privateKey;
    default:
      return key satisfies never;
  }
}
