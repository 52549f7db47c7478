import {
  type ChangedEndpoints,
  type ConfirmBody,
  type ConfirmReference,
  type ConfirmReport,
  LIMITS,
  MAX_CONFIRMED,
  PROTOCOLS,
} from '@remote-access/contracts';
import type { Schemas } from './schemas';

const text = { type: 'string' };
const count = { type: 'integer', minimum: 0 };
const seen = { type: 'string', description: 'Identifies the entry as it is shown.' };

const REFERENCE = { deviceId: text, id: text, seen };

/** Confirmation of endpoints that were changed outside the service. */
export const confirmationSchemas: Schemas = {
  ConfirmBody: {
    type: 'object',
    required: ['seen'],
    properties: {
      seen,
      password: {
        type: 'string',
        maxLength: LIMITS.password,
        description: 'Needed unless the stored one still belongs to the entry.',
      },
    },
  },
  ConfirmManyBody: {
    type: 'object',
    required: ['endpoints'],
    properties: {
      endpoints: {
        type: 'array',
        maxItems: MAX_CONFIRMED,
        items: { type: 'object', required: ['deviceId', 'id', 'seen'], properties: REFERENCE },
      },
    },
  },
  ConfirmReport: {
    type: 'object',
    required: ['confirmed', 'refused', 'lines'],
    properties: {
      confirmed: count,
      refused: count,
      lines: {
        type: 'array',
        items: {
          type: 'object',
          required: ['deviceId', 'id', 'outcome'],
          properties: {
            deviceId: text,
            id: text,
            outcome: { type: 'string', enum: ['confirmed', 'refused'] },
            code: { type: 'string', description: 'Error code.' },
            message: { type: 'string', description: 'Why it was refused.' },
          },
        },
      },
    },
  },
  ChangedEndpoints: {
    type: 'object',
    required: ['complete', 'endpoints'],
    properties: {
      complete: { type: 'boolean', description: 'false: there are more.' },
      endpoints: {
        type: 'array',
        maxItems: MAX_CONFIRMED,
        items: {
          type: 'object',
          required: [
            ...['deviceId', 'deviceName', 'id', 'name', 'protocol', 'hostname', 'port', 'seen'],
          ],
          properties: {
            ...REFERENCE,
            deviceName: text,
            name: text,
            protocol: { type: 'string', enum: [...PROTOCOLS] },
            hostname: text,
            port: { type: 'integer' },
          },
        },
      },
    },
  },
};

const SEEN = 'Zk3xq0nE5bH1yVtK8sWmRAZk3xq0nE5bH1yVtK8sWmR';

const REFERENCE_EXAMPLE: ConfirmReference = { deviceId: '1002', id: '1', seen: SEEN };

export const CONFIRM_BODY_EXAMPLE: ConfirmBody = {
  seen: SEEN,
  password: 'correct horse battery staple',
};

export const CONFIRM_MANY_EXAMPLE = { endpoints: [REFERENCE_EXAMPLE] };

export const CONFIRM_REPORT_EXAMPLE: ConfirmReport = {
  confirmed: 1,
  refused: 0,
  lines: [{ deviceId: '1002', id: '1', outcome: 'confirmed' }],
};

export const CHANGED_EXAMPLE: ChangedEndpoints = {
  complete: true,
  endpoints: [
    {
      ...REFERENCE_EXAMPLE,
      deviceName: 'Packaging line',
      name: 'Console',
      protocol: 'TELNET',
      hostname: 'plc.local',
      port: 23,
    },
  ],
};
