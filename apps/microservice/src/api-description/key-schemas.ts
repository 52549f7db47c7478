import { type FetchedHostKeys, KEY_ALGORITHMS, LIMITS } from '@remote-access/contracts';
import { type Schema, schemaRef, type Schemas, textOrNull } from './schemas';

const text = { type: 'string' };
const algorithm = { type: 'string', enum: [...KEY_ALGORITHMS] };

const description: Schemas = {
  algorithm,
  type: { type: 'string', description: 'Name on the wire, such as ecdsa-sha2-nistp256.' },
  bits: { type: 'integer' },
  sha256: { type: 'string', pattern: '^SHA256:' },
  md5: { type: 'string', pattern: '^MD5:' },
  comment: text,
};

/** OpenAPI 3.0 has no null beside a reference: the schema itself allows it. */
const NULL_WHERE_ABSENT = { nullable: true, description: 'null where none was given.' };

/** All fields are there. */
function whole(properties: Schemas, more: object = {}): Schema {
  return { type: 'object', required: Object.keys(properties), properties, ...more };
}

/** Keys as `/keypair/…` takes and shows them. */
export const keySchemas: Schemas = {
  KeyGenerationBody: {
    type: 'object',
    properties: {
      hostname: textOrNull('Becomes the comment where none is given.'),
      type: {
        type: 'string',
        nullable: true,
        enum: ['ED25519', 'ECDSA', 'RSA', null],
        description: 'ED25519 where it is absent.',
      },
      bits: {
        type: 'integer',
        nullable: true,
        description: 'ECDSA 256, 384 or 521; RSA 2048 to 4096.',
      },
      comment: textOrNull('Stands at the end of the public key.'),
    },
  },
  GeneratedKeyPair: whole({
    publicKey: { type: 'string', description: 'One line, for authorized_keys.' },
    privateKey: { type: 'string', description: 'An OpenSSH container without passphrase.' },
  }),
  KeyInspectionBody: {
    type: 'object',
    description: 'At least one key, each in any format that is read.',
    properties: {
      privateKey: textOrNull('A private key.'),
      publicKey: textOrNull('A public key.'),
      certificate: textOrNull('An OpenSSH certificate.'),
      hostKey: textOrNull('Host keys, also as lines of known_hosts.'),
      passphrase: textOrNull('Opens the private key; never stored.'),
      hostname: textOrNull('Chooses among lines of known_hosts.'),
      port: { type: 'integer', nullable: true },
    },
  },
  KeyInspection: whole({
    keyPair: schemaRef('KeyPairDescription'),
    certificate: schemaRef('CertificateDescription'),
    hostKeys: { type: 'array', items: schemaRef('HostKeyDescription') },
    normal: whole(
      {
        privateKey: textOrNull('Without passphrase.'),
        publicKey: textOrNull('One line.'),
        certificate: textOrNull('One line.'),
        hostKey: textOrNull('One line per key.'),
      },
      { description: 'The forms that an endpoint stores.' },
    ),
  }),
  KeyPairDescription: whole(
    {
      ...description,
      hasPrivateKey: { type: 'boolean' },
      encrypted: { type: 'boolean', description: 'Whether it came with a passphrase.' },
    },
    NULL_WHERE_ABSENT,
  ),
  CertificateDescription: whole(
    {
      ...description,
      keyId: text,
      serial: { type: 'string', pattern: '^\\d+$' },
      principals: { type: 'array', items: text },
      validAfter: textOrNull('ISO 8601; null for no bound.'),
      validBefore: textOrNull('ISO 8601; null for no bound.'),
      authority: whole({ algorithm, sha256: text }),
    },
    NULL_WHERE_ABSENT,
  ),
  HostKeyDescription: whole({
    ...description,
    hosts: { type: 'array', items: text },
  }),
};

/** Host keys as servers show them. */
export const hostKeySchemas: Schemas = {
  HostKeyFetchBody: {
    type: 'object',
    required: ['hostname', 'port'],
    properties: {
      hostname: { type: 'string', minLength: 1, maxLength: LIMITS.hostname },
      port: { type: 'integer', minimum: LIMITS.minPort, maximum: LIMITS.maxPort },
      legacyAlgorithms: {
        type: 'boolean',
        nullable: true,
        description: 'Takes weak algorithms too, for servers that have no others.',
      },
    },
  },
  FetchedHostKeys: {
    type: 'object',
    required: ['hostKeys'],
    properties: {
      hostKeys: { type: 'array', minItems: 1, items: schemaRef('FetchedHostKey') },
    },
  },
  FetchedHostKey: {
    type: 'object',
    required: ['line', 'type', 'algorithm', 'bits', 'sha256', 'md5', 'randomart'],
    properties: {
      line: { type: 'string', description: 'As hostKey of an endpoint takes it.' },
      type: { type: 'string', description: 'Name on the wire, such as ssh-ed25519.' },
      algorithm: { type: 'string', enum: [...KEY_ALGORITHMS] },
      bits: { type: 'integer' },
      sha256: { type: 'string' },
      md5: { type: 'string' },
      randomart: { type: 'string', description: 'The picture that OpenSSH draws of it.' },
    },
  },
};

export const FETCHED_HOST_KEYS_EXAMPLE: FetchedHostKeys = {
  hostKeys: [
    {
      line: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFVKV+QVvKxeGpttXUW+7u4CdzTzaWV2TCySv4/a74mf',
      type: 'ssh-ed25519',
      algorithm: 'ED25519',
      bits: 256,
      sha256: 'SHA256:T0jX2bWkUJjyrmTOzgSn4hOJmXmR1sRY0sUyQwZp0T8',
      md5: 'MD5:0e:53:5f:d2:33:c8:4b:22:d7:1d:0a:f5:d0:7c:1e:9a',
      randomart: '+--[ED25519 256]--+\n…\n+----[SHA256]-----+',
    },
  ],
};
