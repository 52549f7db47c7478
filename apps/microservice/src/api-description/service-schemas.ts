import {
  ERRORS,
  type RemoteAccessSettings,
  type ResealReport,
  SETTING_LIMITS,
  type ShownSettings,
} from '@remote-access/contracts';
import { schemaRef, type Schemas, textOrNull } from './schemas';

const between = ({ least, most }: { least: number; most: number }) => ({
  type: 'integer',
  minimum: least,
  maximum: most,
});

const count = { type: 'integer', minimum: 0 };
const text = { type: 'string' };
const status = { type: 'string', enum: ['UP', 'DOWN'] };

const settings: Schemas = {
  enabled: { type: 'boolean', description: 'false refuses new sessions of the tenant.' },
  hostKeyAutosave: {
    type: 'boolean',
    description: 'Whether the host key of a first successful sign-in is kept.',
  },
  operationTimeoutSeconds: between(SETTING_LIMITS.operationTimeoutSeconds),
  idleTimeoutMs: between(SETTING_LIMITS.idleTimeoutMs),
  maxDurationSeconds: {
    ...between(SETTING_LIMITS.maxDurationSeconds),
    description: '0 for no limit.',
  },
  notice: textOrNull('What people accept before they connect.', SETTING_LIMITS.notice),
};

/** What the service says of itself, its settings, tickets and refusals. */
export const serviceSchemas: Schemas = {
  Error: {
    type: 'object',
    required: ['error', 'message', 'info'],
    properties: {
      error: {
        type: 'string',
        enum: Object.keys(ERRORS).map(code => `remoteaccess/${code}`),
      },
      message: { type: 'string', description: 'For the user.' },
      info: { type: 'string', description: 'For who runs the service.' },
    },
  },
  Status: { type: 'object', required: ['status'], properties: { status } },
  Health: {
    type: 'object',
    required: ['status', 'components'],
    properties: {
      status,
      components: {
        type: 'object',
        required: ['platform', 'keyMaterial'],
        properties: {
          platform: schemaRef('Status'),
          keyMaterial: {
            type: 'object',
            required: ['status', 'tenantsWithoutKey'],
            properties: { status, tenantsWithoutKey: { type: 'integer', minimum: 0 } },
          },
        },
      },
    },
  },
  SettingsBody: {
    type: 'object',
    description: 'The whole state.',
    required: Object.keys(settings),
    properties: {
      ...settings,
      revision: {
        type: 'string',
        description: 'Of the settings that were read before: others are not written over.',
      },
    },
  },
  Settings: {
    type: 'object',
    required: [...Object.keys(settings), 'revision', 'noticeId'],
    properties: {
      ...settings,
      // Options can be written past us: what is shown is not held to the bounds.
      operationTimeoutSeconds: { type: 'number' },
      idleTimeoutMs: { type: 'number' },
      maxDurationSeconds: { type: 'number' },
      notice: textOrNull('What people accept before they connect.'),
      revision: { type: 'string', description: 'Names this state.' },
      noticeId: textOrNull('What a ticket request carries as noticeAccepted.'),
    },
  },
  TicketBody: {
    type: 'object',
    properties: {
      noticeAccepted: { type: 'string', description: 'The noticeId of the settings.' },
    },
  },
  Ticket: {
    type: 'object',
    required: ['ticket', 'expiresAt'],
    properties: {
      ticket: { type: 'string', pattern: '^[\\w-]{43}$', description: 'Serves once.' },
      expiresAt: { type: 'string', description: 'ISO 8601.' },
    },
  },
};

export const SETTINGS_BODY_EXAMPLE: RemoteAccessSettings = {
  enabled: true,
  hostKeyAutosave: false,
  operationTimeoutSeconds: 30,
  idleTimeoutMs: 3_600_000,
  maxDurationSeconds: 0,
  notice: null,
};

export const SETTINGS_EXAMPLE: ShownSettings = {
  ...SETTINGS_BODY_EXAMPLE,
  revision: '3f8a1c0d52b94e67',
  noticeId: null,
};

/** What a change of keys answers. */
export const resealSchemas: Schemas = {
  ResealReport: {
    type: 'object',
    required: ['complete', 'gateways', 'resealed', 'current', 'unusable', 'unusableSecrets'],
    properties: {
      complete: { type: 'boolean', description: 'false: the time was up, call again to go on.' },
      gateways: { ...count, description: 'Gateways that have been looked at.' },
      resealed: { ...count, description: 'Secrets that now are sealed with the key in force.' },
      current: { ...count, description: 'Secrets that were already.' },
      unusable: { ...count, description: 'Secrets that no key opens.' },
      unusableSecrets: {
        type: 'array',
        maxItems: 100,
        items: {
          type: 'object',
          required: ['deviceId', 'endpointId', 'name', 'field'],
          properties: { deviceId: text, endpointId: text, name: text, field: text },
        },
      },
    },
  },
};

export const RESEAL_EXAMPLE: ResealReport = {
  complete: true,
  gateways: 12,
  resealed: 30,
  current: 4,
  unusable: 0,
  unusableSecrets: [],
};
