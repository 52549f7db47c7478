import type { ResealReport } from '@remote-access/contracts';
import type { Schemas } from './schema';

const count = { type: 'integer', minimum: 0 };
const text = { type: 'string' };

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
