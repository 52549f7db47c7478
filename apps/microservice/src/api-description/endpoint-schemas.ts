import {
  CIPHER_MARK,
  CREDENTIALS_TYPES,
  type Endpoint,
  type EndpointBody,
  IMPORT_OUTCOMES,
  type ImportReport,
  LIMITS,
  LOCALE,
  OPTION_VALUES,
  PROTOCOLS,
  SECRET_FIELDS,
} from '@remote-access/contracts';
import { nullable, schemaRef, type Schemas, textOrNull } from './schemas';

const PLACEHOLDER = `a placeholder that begins with ${CIPHER_MARK}; sending it back keeps the secret`;

const count = { type: 'integer', minimum: 0 };
const protocol = { type: 'string', enum: [...PROTOCOLS] };
const attrs = {
  type: 'object',
  additionalProperties: true,
  description: 'For clients to use as they like.',
};

/** Options that only some protocols have. */
export const endpointOptions: Schemas = {
  legacyAlgorithms: { type: 'boolean', description: 'SSH: also accepts weak algorithms.' },
  command: {
    type: 'string',
    maxLength: LIMITS.command,
    description: 'SSH: run in place of a shell, for servers that only run commands.',
  },
  encoding: {
    type: 'string',
    enum: [...OPTION_VALUES.encoding],
    description: 'SSH, TELNET: encoding of the text; utf-8 by default.',
  },
  locale: {
    type: 'string',
    maxLength: LIMITS.locale,
    pattern: LOCALE.source,
    description:
      'SSH, TELNET: sent as LANG. By default one that the server is known to have, or none.',
  },
  backspace: {
    type: 'string',
    enum: [...OPTION_VALUES.backspace],
    description: 'SSH, TELNET: what the backspace key sends, 7f (del, the default) or 08 (bs).',
  },
  deleteKey: {
    type: 'string',
    enum: [...OPTION_VALUES.deleteKey],
    description:
      'SSH, TELNET: what the delete key sends, ESC [ 3 ~ (vt220, the default) or 7f (del).',
  },
  homeEnd: {
    type: 'string',
    enum: [...OPTION_VALUES.homeEnd],
    description: 'SSH, TELNET: what Home and End send; xterm by default.',
  },
  functionKeys: {
    type: 'string',
    enum: [...OPTION_VALUES.functionKeys],
    description: 'SSH, TELNET: what the function keys send; xterm by default.',
  },
  localEcho: {
    type: 'boolean',
    description: 'TELNET: input is shown although the server does not ask for it.',
  },
  viewOnly: {
    type: 'boolean',
    description:
      'VNC: the service passes on no keyboard, pointer or clipboard input, and viewers do not disconnect others.',
  },
  shared: { type: 'boolean', description: 'VNC: other viewers stay connected.' },
  allowUnencryptedSignIn: {
    type: 'boolean',
    description:
      'VNC: user name and password may be sent without encryption if the server offers nothing better.',
  },
};

const bodyProperties: Schemas = {
  name: { type: 'string', minLength: 1, maxLength: LIMITS.name },
  hostname: {
    type: 'string',
    minLength: 1,
    maxLength: LIMITS.hostname,
    description: 'Host name or IP address as seen from the gateway.',
  },
  port: { type: 'integer', minimum: LIMITS.minPort, maximum: LIMITS.maxPort },
  protocol,
  credentialsType: {
    type: 'string',
    enum: [...CREDENTIALS_TYPES],
    description: 'Optional if the protocol allows NONE, which is then the default.',
  },
  username: textOrNull(
    'For USER_PASS, KEY_PAIR and CERTIFICATE. If absent in a PUT for the same protocol, host and ' +
      'port, or with a new secret, the stored one is kept.',
    LIMITS.username,
  ),
  password: textOrNull('If absent or the placeholder, the stored one is kept.', LIMITS.password),
  privateKey: textOrNull(
    'In any format. If absent or the placeholder, the stored one is kept.',
    LIMITS.key,
  ),
  passphrase: textOrNull('Decrypts the private key; never stored.', LIMITS.key),
  publicKey: textOrNull('Derived from the private key if absent.', LIMITS.key),
  certificate: textOrNull('An OpenSSH certificate, for CERTIFICATE.', LIMITS.key),
  hostKey: textOrNull(
    'Keys or lines of known_hosts. The server must present one of them. If absent in a PUT for the ' +
      'same protocol, host and port, the stored ones are kept.',
    LIMITS.key,
  ),
  ...nullable(endpointOptions),
  attrs,
};

/** Endpoints: flat in requests, nested in responses. */
export const endpointSchemas: Schemas = {
  EndpointBody: {
    type: 'object',
    required: ['name', 'hostname', 'port', 'protocol'],
    properties: bodyProperties,
  },
  EndpointPatch: {
    type: 'object',
    description: 'A JSON merge patch (RFC 7396) of the flat form.',
    properties: {
      ...bodyProperties,
      seen: {
        type: 'string',
        description: 'Needed for an endpoint that was changed outside the service; confirms it.',
      },
    },
  },
  Endpoint: {
    type: 'object',
    required: ['id', 'name', 'hostname', 'port', 'protocol', 'credentials'],
    properties: {
      id: { type: 'string', description: 'Unique on the device and never reused.' },
      name: { type: 'string' },
      hostname: { type: 'string' },
      port: {
        type: 'integer',
        minimum: 0,
        maximum: LIMITS.maxPort,
        description: '0 only for a damaged entry without a port.',
      },
      protocol,
      credentials: schemaRef('EndpointCredentials'),
      ...endpointOptions,
      attrs,
      damaged: {
        type: 'array',
        minItems: 1,
        items: { type: 'string' },
        description: 'What is wrong with the entry, if it is unusable.',
      },
      changed: {
        type: 'object',
        required: ['seen'],
        description: 'Only if the entry was changed outside the service and is not confirmed.',
        properties: {
          seen: { type: 'string', description: 'Identifies the entry as it is shown.' },
          otherFields: {
            type: 'array',
            items: { type: 'string' },
            description: 'Fields that the service does not know.',
          },
        },
      },
      unreadable: {
        type: 'array',
        minItems: 1,
        items: { type: 'string', enum: [...SECRET_FIELDS] },
        description: 'Stored secrets that cannot be decrypted and must be entered again.',
      },
    },
  },
  EndpointCredentials: {
    type: 'object',
    required: ['type', 'username', 'password', 'privateKey', 'publicKey', 'certificate', 'hostKey'],
    properties: {
      type: { type: 'string', enum: [...CREDENTIALS_TYPES] },
      username: textOrNull('The user on the target.'),
      password: textOrNull(`Never the password: ${PLACEHOLDER}.`),
      privateKey: textOrNull(`Never the key: ${PLACEHOLDER}.`),
      publicKey: textOrNull('One line, for authorized_keys.'),
      certificate: textOrNull('One line.'),
      hostKey: textOrNull('One key or line of known_hosts per line.'),
    },
  },
};

export const ENDPOINT_BODY_EXAMPLE: EndpointBody = {
  name: 'Line controller',
  hostname: '10.0.0.5',
  port: 22,
  protocol: 'SSH',
  credentialsType: 'USER_PASS',
  username: 'maintenance',
  password: 'correct horse battery staple',
};

export const ENDPOINT_EXAMPLE: Endpoint = {
  id: '1',
  name: 'Line controller',
  hostname: '10.0.0.5',
  port: 22,
  protocol: 'SSH',
  credentials: {
    type: 'USER_PASS',
    username: 'maintenance',
    password: `${CIPHER_MARK}Zk3xq0nE5bH1yVtK8sWmRA`,
    privateKey: null,
    publicKey: null,
    certificate: null,
    hostKey: null,
  },
};

/** Exported and imported endpoints, and the report of an import. */
export const transferSchemas: Schemas = {
  TransferredEndpoint: {
    type: 'object',
    required: ['deviceId'],
    properties: {
      deviceId: { type: 'string', description: "Id of the gateway's managed object." },
      deviceName: { type: 'string', description: 'For people; ignored by the import.' },
      id: textOrNull('Id of the endpoint; absent for a new one.'),
      name: { type: 'string' },
      hostname: { type: 'string' },
      port: { type: 'integer' },
      protocol: { type: 'string', enum: [...PROTOCOLS] },
      credentialsType: { type: 'string', enum: [...CREDENTIALS_TYPES] },
      username: textOrNull('The user on the target.'),
      publicKey: textOrNull('One line.'),
      certificate: textOrNull('One line.'),
      hostKey: textOrNull('One key or line of known_hosts per line.'),
      ...nullable(endpointOptions),
      attrs: { type: 'object', additionalProperties: true },
      damaged: { type: 'string', description: 'For people; ignored by the import.' },
      password: textOrNull('Never exported; sets the password.'),
      privateKey: textOrNull('Never exported; sets the private key.'),
      passphrase: textOrNull('Decrypts the private key; never stored.'),
    },
  },
  ImportReport: {
    type: 'object',
    required: ['dryRun', 'counts', 'lines'],
    properties: {
      dryRun: { type: 'boolean', description: 'true: nothing was changed.' },
      counts: {
        type: 'object',
        required: [...IMPORT_OUTCOMES],
        properties: Object.fromEntries(IMPORT_OUTCOMES.map(outcome => [outcome, count])),
      },
      lines: {
        type: 'array',
        items: {
          type: 'object',
          required: ['line', 'deviceId', 'endpointId', 'name', 'outcome'],
          properties: {
            line: { type: 'integer', minimum: 1 },
            deviceId: textOrNull('As given in the line.'),
            endpointId: textOrNull('null for a new one in a dry run.'),
            name: textOrNull('Name of the endpoint.'),
            outcome: { type: 'string', enum: [...IMPORT_OUTCOMES] },
            changed: {
              type: 'array',
              items: { type: 'string' },
              description: 'Fields that change, if the outcome is changed.',
            },
            code: { type: 'string', description: 'Error code.' },
            message: { type: 'string', description: 'Why the line was refused.' },
          },
        },
      },
    },
  },
};

export const IMPORT_EXAMPLE = {
  deviceId: '1002',
  name: 'Console',
  hostname: 'plc.local',
  port: 23,
  protocol: 'TELNET',
  credentialsType: 'NONE',
};

export const REPORT_EXAMPLE: ImportReport = {
  dryRun: false,
  counts: { added: 1, changed: 0, unchanged: 0, refused: 0 },
  lines: [{ line: 1, deviceId: '1002', endpointId: '1', name: 'Console', outcome: 'added' }],
};
