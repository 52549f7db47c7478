import {
  DEVICE_ADMISSIONS,
  ERRORS,
  MAX_RESUME_KEYS,
  type RemoteAccessSettings,
  type ResealReport,
  SETTING_LIMITS,
  WATCH_SETTINGS,
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
  enabled: { type: 'boolean', description: 'If false, the tenant allows no new sessions.' },
  hostKeyAutosave: {
    type: 'boolean',
    description: 'Whether the host key of the first successful sign-in is pinned.',
  },
  operationTimeoutSeconds: between(SETTING_LIMITS.operationTimeoutSeconds),
  idleTimeoutMs: between(SETTING_LIMITS.idleTimeoutMs),
  maxDurationSeconds: {
    ...between(SETTING_LIMITS.maxDurationSeconds),
    description: '0 for no limit.',
  },
  resumeSeconds: {
    ...between(SETTING_LIMITS.resumeSeconds),
    description:
      'How long a terminal session waits for a client that lost its connection; 0 for not at all.',
  },
  watch: {
    type: 'string',
    enum: [...WATCH_SETTINGS],
    description:
      'Whether users who may configure endpoints may watch the running sessions of others: never, ' +
      'if their user is told, or with the consent of their user.',
  },
  notice: textOrNull(
    'The text that people must accept before they connect.',
    SETTING_LIMITS.notice,
  ),
  auditRequired: {
    type: 'boolean',
    description: 'Whether a session that cannot be recorded in the audit log is refused.',
  },
  tokenInAddress: {
    type: 'boolean',
    description:
      'Whether pages with Basic sign-in send the credentials in the address of a WebSocket.',
  },
  malformedKeys: {
    type: 'boolean',
    description:
      'Whether gateways may open their WebSocket with a malformed Sec-WebSocket-Key, as ' +
      'cumulocity-agents-linux does.',
  },
  deviceAdmission: {
    type: 'string',
    enum: [...DEVICE_ADMISSIONS],
    description:
      'Which device users may connect for a gateway: the owner of it or of one of its device ' +
      'parents, or every device that may read the operation.',
  },
};

const RESUME_KEY = '^[A-Za-z0-9_-]{43}$';

/** Optional, because older clients do not send them. */
const NEWER_SETTINGS = [
  ...['deviceAdmission', 'auditRequired', 'tokenInAddress', 'malformedKeys'],
  ...['resumeSeconds', 'watch'],
];

/** Errors, health, settings and tickets. */
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
      info: { type: 'string', description: 'For the operator of the service.' },
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
    description: 'All settings.',
    required: Object.keys(settings).filter(name => !NEWER_SETTINGS.includes(name)),
    properties: {
      ...settings,
      revision: {
        type: 'string',
        description: 'The revision that was read; the request fails if it is outdated.',
      },
    },
  },
  Settings: {
    type: 'object',
    required: [...Object.keys(settings), 'revision', 'noticeId'],
    properties: {
      ...settings,
      // Other programs can write the options, so values may be outside the limits.
      operationTimeoutSeconds: { type: 'number' },
      idleTimeoutMs: { type: 'number' },
      maxDurationSeconds: { type: 'number' },
      notice: textOrNull('The text that people must accept before they connect.'),
      revision: { type: 'string', description: 'Identifies this state.' },
      noticeId: textOrNull('To be sent as noticeAccepted in a ticket request.'),
    },
  },
  ResumeRequest: {
    type: 'object',
    required: ['sessionId', 'keys', 'next', 'output'],
    properties: {
      sessionId: text,
      keys: {
        type: 'array',
        maxItems: MAX_RESUME_KEYS,
        items: { type: 'string', pattern: RESUME_KEY },
        description: 'The key of the session; several if it is not known which one is valid.',
      },
      next: {
        type: 'string',
        pattern: RESUME_KEY,
        description: 'The key from then on: 32 random bytes in base64url.',
      },
      output: { ...count, description: 'Bytes of output that the client has.' },
      takeOver: {
        type: 'boolean',
        description:
          'Takes the session from another window of the same user, without its keys, and with the latest output.',
      },
    },
  },
  TicketBody: {
    type: 'object',
    properties: {
      noticeAccepted: { type: 'string', description: 'The noticeId of the settings.' },
      resume: {
        ...schemaRef('ResumeRequest'),
        description: 'The running session that the WebSocket continues.',
      },
      watch: {
        type: 'object',
        required: ['sessionId'],
        properties: { sessionId: { type: 'string' } },
        description:
          'The running session that the WebSocket shows. Its caller may configure the endpoint.',
      },
      keep: {
        type: 'string',
        pattern: RESUME_KEY,
        description:
          'The key with which the client resumes the new session: 32 random bytes in base64url. The gateway is called at once.',
      },
      size: {
        type: 'object',
        required: ['cols', 'rows'],
        properties: {
          cols: { type: 'integer', minimum: 1, maximum: 4096 },
          rows: { type: 'integer', minimum: 1, maximum: 4096 },
        },
        description: 'The size of the terminal of the new session, in cells.',
      },
    },
  },
  Ticket: {
    type: 'object',
    required: ['ticket', 'expiresAt'],
    properties: {
      ticket: { type: 'string', pattern: '^[\\w-]{43}$', description: 'Can be used once.' },
      expiresAt: { type: 'string', description: 'ISO 8601.' },
      tokenInAddress: {
        type: 'boolean',
        description: 'Whether a page with Basic sign-in adds token= to the address.',
      },
    },
  },
};

export const SETTINGS_BODY_EXAMPLE: RemoteAccessSettings = {
  enabled: true,
  hostKeyAutosave: false,
  operationTimeoutSeconds: 30,
  idleTimeoutMs: 3_600_000,
  maxDurationSeconds: 0,
  resumeSeconds: 120,
  watch: 'told',
  notice: null,
  deviceAdmission: 'owner',
  auditRequired: true,
  tokenInAddress: false,
  malformedKeys: false,
};

export const SETTINGS_EXAMPLE: ShownSettings = {
  ...SETTINGS_BODY_EXAMPLE,
  revision: '3f8a1c0d52b94e67',
  noticeId: null,
};

/** The report of resealing. */
export const resealSchemas: Schemas = {
  ResealReport: {
    type: 'object',
    required: ['complete', 'gateways', 'resealed', 'current', 'unusable', 'unusableSecrets'],
    properties: {
      complete: { type: 'boolean', description: 'false if time ran out; call again to continue.' },
      gateways: { ...count, description: 'Gateways that have been processed.' },
      resealed: { ...count, description: 'Secrets that were sealed with the current key.' },
      current: { ...count, description: 'Secrets that were sealed with it already.' },
      unusable: { ...count, description: 'Secrets that no key can decrypt.' },
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
