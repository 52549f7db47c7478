import {
  CIPHER_MARK,
  CREDENTIALS_TYPES,
  ENCODINGS,
  type Endpoint,
  type EndpointBody,
  IMPORT_OUTCOMES,
  type ImportReport,
  LIMITS,
  PROTOCOLS,
  SECRET_FIELDS,
} from '@remote-access/contracts';
import { nullable, schemaRef, type Schemas, textOrNull } from './schemas';

const STAND_IN = `a text that begins with ${CIPHER_MARK} in place of the secret; sent back, it keeps it`;

const count = { type: 'integer', minimum: 0 };
const protocol = { type: 'string', enum: [...PROTOCOLS] };
const attrs = { type: 'object', additionalProperties: true, description: 'Free for clients.' };

/** What some protocols know beside the sign-in. */
export const endpointOptions: Schemas = {
  legacyAlgorithms: { type: 'boolean', description: 'SSH: weak algorithms are taken too.' },
  encoding: {
    type: 'string',
    enum: [...ENCODINGS],
    description: 'SSH, TELNET: of the text at the far end; utf-8 where it is absent.',
  },
  viewOnly: { type: 'boolean', description: 'VNC: nothing is typed or clicked.' },
  shared: { type: 'boolean', description: 'VNC: others who look at the screen stay.' },
};

const bodyProperties: Schemas = {
  name: { type: 'string', minLength: 1, maxLength: LIMITS.name },
  hostname: {
    type: 'string',
    minLength: 1,
    maxLength: LIMITS.hostname,
    description: 'Host name or IP address as the gateway sees it.',
  },
  port: { type: 'integer', minimum: LIMITS.minPort, maximum: LIMITS.maxPort },
  protocol,
  credentialsType: {
    type: 'string',
    enum: [...CREDENTIALS_TYPES],
    description: 'May be left out where the protocol allows NONE.',
  },
  username: textOrNull('For USER_PASS, KEY_PAIR and CERTIFICATE.', LIMITS.username),
  password: textOrNull('Absent or the stand-in keeps what is stored.', LIMITS.password),
  privateKey: textOrNull('In any format; absent or the stand-in keeps it.', LIMITS.key),
  passphrase: textOrNull('Opens the private key; never stored.', LIMITS.key),
  publicKey: textOrNull('Derived from the private key where it is absent.', LIMITS.key),
  certificate: textOrNull('An OpenSSH certificate, for CERTIFICATE.', LIMITS.key),
  hostKey: textOrNull('Lines of known_hosts, or keys: the server must have one.', LIMITS.key),
  ...nullable(endpointOptions),
  attrs,
};

/** Endpoints as they come in, flat, and go out, nested. */
export const endpointSchemas: Schemas = {
  EndpointBody: {
    type: 'object',
    required: ['name', 'hostname', 'port', 'protocol'],
    properties: bodyProperties,
  },
  EndpointPatch: {
    type: 'object',
    description: 'A JSON merge patch (RFC 7396) of the flat form: what is named changes.',
    properties: bodyProperties,
  },
  Endpoint: {
    type: 'object',
    required: ['id', 'name', 'hostname', 'port', 'protocol', 'credentials'],
    properties: {
      id: { type: 'string', description: 'Unique on the device, never given twice.' },
      name: { type: 'string' },
      hostname: { type: 'string' },
      port: {
        type: 'integer',
        minimum: 0,
        maximum: LIMITS.maxPort,
        description: '0 only in a damaged entry without a port.',
      },
      protocol,
      credentials: schemaRef('EndpointCredentials'),
      ...endpointOptions,
      attrs,
      damaged: {
        type: 'array',
        minItems: 1,
        items: { type: 'string' },
        description: 'Only where the entry cannot be used as it stands: what is wrong with it.',
      },
      unreadable: {
        type: 'array',
        minItems: 1,
        items: { type: 'string', enum: [...SECRET_FIELDS] },
        description: 'Only where stored secrets do not open for the endpoint: enter them again.',
      },
    },
  },
  EndpointCredentials: {
    type: 'object',
    required: ['type', 'username', 'password', 'privateKey', 'publicKey', 'certificate', 'hostKey'],
    properties: {
      type: { type: 'string', enum: [...CREDENTIALS_TYPES] },
      username: textOrNull('The user at the far end.'),
      password: textOrNull(`Never the password: ${STAND_IN}.`),
      privateKey: textOrNull(`Never the key: ${STAND_IN}.`),
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

/** Files of endpoints and what becomes of them. */
export const transferSchemas: Schemas = {
  TransferredEndpoint: {
    type: 'object',
    required: ['deviceId'],
    properties: {
      deviceId: { type: 'string', description: 'Id of the managed object of the gateway.' },
      deviceName: { type: 'string', description: 'For people; not read back.' },
      id: textOrNull('Of the endpoint; absent for a new one.'),
      name: { type: 'string' },
      hostname: { type: 'string' },
      port: { type: 'integer' },
      protocol: { type: 'string', enum: [...PROTOCOLS] },
      credentialsType: { type: 'string', enum: [...CREDENTIALS_TYPES] },
      username: textOrNull('The user at the far end.'),
      publicKey: textOrNull('One line.'),
      certificate: textOrNull('One line.'),
      hostKey: textOrNull('One key or line of known_hosts per line.'),
      ...nullable(endpointOptions),
      attrs: { type: 'object', additionalProperties: true },
      damaged: { type: 'string', description: 'For people; not read back.' },
      password: textOrNull('Never exported; sets the password.'),
      privateKey: textOrNull('Never exported; sets the private key.'),
      passphrase: textOrNull('Opens the private key; never stored.'),
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
            deviceId: textOrNull('As it stands in the line.'),
            endpointId: textOrNull('null for a new one in a dry run.'),
            name: textOrNull('Of the endpoint.'),
            outcome: { type: 'string', enum: [...IMPORT_OUTCOMES] },
            code: { type: 'string', description: 'Of the refusal.' },
            message: { type: 'string', description: 'Why it is refused.' },
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
