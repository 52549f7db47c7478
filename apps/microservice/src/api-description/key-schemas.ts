import { type FetchedHostKeys, KEY_ALGORITHMS, LIMITS } from '@remote-access/contracts';
import { type Schema, schemaRef, type Schemas, textOrNull } from './schemas';

const text = { type: 'string' };
const algorithm = { type: 'string', enum: [...KEY_ALGORITHMS] };

const description: Schemas = {
  algorithm,
  type: { type: 'string', description: 'SSH key type, such as ecdsa-sha2-nistp256.' },
  bits: { type: 'integer' },
  sha256: { type: 'string', pattern: '^SHA256:' },
  md5: { type: 'string', pattern: '^MD5:' },
  comment: text,
};

/** A reference cannot be nullable in OpenAPI 3.0, so the schema itself is. */
const NULL_IF_ABSENT = { nullable: true, description: 'null if none was given.' };

/** An object whose properties are all required. */
function requiredObject(properties: Schemas, more: object = {}, optional: Schemas = {}): Schema {
  const required = Object.keys(properties);
  return { type: 'object', required, properties: { ...properties, ...optional }, ...more };
}

/** Requests and responses of `/keypair/…`. */
export const keySchemas: Schemas = {
  KeyGenerationBody: {
    type: 'object',
    properties: {
      hostname: textOrNull('The default for the comment.'),
      type: {
        type: 'string',
        nullable: true,
        enum: ['ED25519', 'ECDSA', 'RSA', null],
        description: 'Defaults to ED25519.',
      },
      bits: {
        type: 'integer',
        nullable: true,
        description: 'ECDSA 256, 384 or 521; RSA 2048 to 4096.',
      },
      comment: textOrNull('Appended to the public key.'),
    },
  },
  GeneratedKeyPair: requiredObject({
    publicKey: { type: 'string', description: 'One line, for authorized_keys.' },
    privateKey: { type: 'string', description: 'In OpenSSH format, without a passphrase.' },
  }),
  KeyInspectionBody: {
    type: 'object',
    description: 'At least one key, in any supported format.',
    properties: {
      privateKey: textOrNull('A private key.'),
      publicKey: textOrNull('A public key.'),
      certificate: textOrNull('An OpenSSH certificate.'),
      hostKey: textOrNull('Host keys or lines of known_hosts.'),
      passphrase: textOrNull('Decrypts the private key; never stored.'),
      hostname: textOrNull('Selects the matching lines of known_hosts.'),
      port: { type: 'integer', nullable: true },
    },
  },
  KeyInspection: requiredObject(
    {
      keyPair: schemaRef('KeyPairDescription'),
      certificate: schemaRef('CertificateDescription'),
      hostKeys: { type: 'array', items: schemaRef('HostKeyDescription') },
      normal: requiredObject(
        {
          privateKey: textOrNull('Without a passphrase.'),
          publicKey: textOrNull('One line.'),
          certificate: textOrNull('One line.'),
          hostKey: textOrNull('One line per key.'),
        },
        { description: 'The formats that an endpoint stores.' },
      ),
    },
    {},
    {
      skippedHostKeys: {
        type: 'array',
        items: text,
        description: 'Lines of the host key that are not used, with the reason.',
      },
    },
  ),
  KeyPairDescription: requiredObject(
    {
      ...description,
      hasPrivateKey: { type: 'boolean' },
      encrypted: { type: 'boolean', description: 'Whether it was encrypted with a passphrase.' },
    },
    NULL_IF_ABSENT,
    {
      repaired: {
        type: 'boolean',
        description:
          'true: the line breaks of the private key were missing and have been restored.',
      },
    },
  ),
  CertificateDescription: requiredObject(
    {
      ...description,
      keyId: text,
      serial: { type: 'string', pattern: '^\\d+$' },
      principals: { type: 'array', items: text },
      validAfter: textOrNull('ISO 8601; null for no limit.'),
      validBefore: textOrNull('ISO 8601; null for no limit.'),
      authority: requiredObject({ algorithm, sha256: text }),
    },
    NULL_IF_ABSENT,
  ),
  HostKeyDescription: requiredObject(
    {
      ...description,
      hosts: { type: 'array', items: text },
    },
    {},
    { revoked: { type: 'boolean', description: 'true: a server that presents it is refused.' } },
  ),
};

/** Host keys that servers present. */
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
        description: 'Also accepts weak algorithms, for servers that support no others.',
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
      line: { type: 'string', description: 'In the format of the hostKey of an endpoint.' },
      type: { type: 'string', description: 'SSH key type, such as ssh-ed25519.' },
      algorithm: { type: 'string', enum: [...KEY_ALGORITHMS] },
      bits: { type: 'integer' },
      sha256: { type: 'string' },
      md5: { type: 'string' },
      randomart: { type: 'string', description: 'The ASCII art that OpenSSH prints for the key.' },
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
