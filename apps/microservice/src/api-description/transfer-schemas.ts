import {
  CREDENTIALS_TYPES,
  IMPORT_OUTCOMES,
  PROTOCOLS,
  type ImportReport,
} from '@remote-access/contracts';
import { endpointOptions } from './endpoint-schemas';
import { nullable, textOrNull, type Schemas } from './schema';

const count = { type: 'integer', minimum: 0 };

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
