import {
  type KeyInspectionBody,
  LIMITS,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { CURVES, type NewKey } from '@remote-access/ssh-keys';

const RSA_BITS = { min: 2048, max: 4096, default: 3072 };

/** A valid body of `POST /keypair/generate`. */
export interface GenerationRequest {
  readonly key: NewKey;
  readonly comment: string;
}

/** @returns `malformed-request` with what is wrong */
export function readGenerationBody(body: unknown): GenerationRequest | Refusal {
  const fields = fieldsOf(body, ['hostname', 'type', 'comment'], ['bits']);
  if (fields instanceof RemoteAccessError) return fields;
  const { hostname, type, comment } = fields.texts;
  const bits = fields.numbers['bits'];
  const text = comment ?? hostname ?? '';
  if (text.length > LIMITS.hostname) {
    return malformed(`comment must not be longer than ${LIMITS.hostname} characters`);
  }
  const key = newKey(type ?? 'ED25519', bits);
  return key instanceof RemoteAccessError ? key : { key, comment: text };
}

/** @returns `malformed-request` with what is wrong */
export function readInspectionBody(body: unknown): KeyInspectionBody | Refusal {
  const texts = ['privateKey', 'publicKey', 'certificate', 'hostKey', 'passphrase', 'hostname'];
  const fields = fieldsOf(body, texts, ['port']);
  if (fields instanceof RemoteAccessError) return fields;
  const { privateKey, publicKey, certificate, hostKey } = fields.texts;
  if (!privateKey && !publicKey && !certificate && !hostKey) {
    return malformed('Give a privateKey, publicKey, certificate or hostKey');
  }
  return { ...fields.texts, port: fields.numbers['port'] ?? null };
}

function newKey(type: string, bits: number | undefined): NewKey | Refusal {
  switch (type.toUpperCase()) {
    case 'ED25519':
      if (bits !== undefined && bits !== 256) return malformed('ED25519 keys have 256 bits');
      return { algorithm: 'ED25519' };
    case 'ECDSA': {
      const curve = CURVES.find(one => one.bits === (bits ?? 256));
      return curve
        ? { algorithm: 'ECDSA', curve }
        : malformed('ECDSA keys have 256, 384 or 521 bits');
    }
    case 'RSA': {
      const size = bits ?? RSA_BITS.default;
      const isSupported = size >= RSA_BITS.min && size <= RSA_BITS.max && size % 8 === 0;
      if (isSupported) return { algorithm: 'RSA', bits: size };
      return malformed(`RSA keys have from ${RSA_BITS.min} to ${RSA_BITS.max} bits, in steps of 8`);
    }
    default:
      return malformed('type must be ED25519, ECDSA or RSA');
  }
}

interface Fields {
  readonly texts: Readonly<Partial<Record<string, string>>>;
  readonly numbers: Readonly<Partial<Record<string, number>>>;
}

/** The strings and integers of an object; null and empty strings count as absent. */
function fieldsOf(
  body: unknown,
  textNames: readonly string[],
  numberNames: readonly string[],
): Fields | Refusal {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return malformed('The body must be an object');
  }
  const given = Object.entries(body).filter(([, value]) => value !== null && value !== '');
  const texts = given.filter(([name]) => textNames.includes(name));
  const numbers = given.filter(([name]) => numberNames.includes(name));
  const problems = [
    ...texts.filter(([, value]) => typeof value !== 'string').map(([name]) => `${name}: a text`),
    ...numbers.filter(([, value]) => !Number.isInteger(value)).map(([name]) => `${name}: a number`),
  ];
  if (problems.length > 0)
    return malformed(`Wrong type of a field; expected ${problems.join(', ')}`);
  return { texts: Object.fromEntries(texts), numbers: Object.fromEntries(numbers) };
}

function malformed(detail: string): Refusal {
  return new RemoteAccessError('malformed-request', { detail: `${detail}.` });
}
