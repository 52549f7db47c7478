import { KEY_ALGORITHMS, LIMITS, type FetchedHostKeys } from '@remote-access/contracts';
import { schemaNamed, type Schemas } from './schema';

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
      hostKeys: { type: 'array', minItems: 1, items: schemaNamed('FetchedHostKey') },
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
