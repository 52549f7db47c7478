import { MAX_REASON_LENGTH, PROTOCOLS, type RunningSession } from '@remote-access/contracts';
import { textOrNull, type Schemas } from './schemas';

const count = { type: 'integer', minimum: 0 };

/** Running sessions. */
export const sessionSchemas: Schemas = {
  RunningSession: {
    type: 'object',
    required: [
      'id',
      'operationId',
      'deviceId',
      'deviceName',
      'endpointId',
      'endpointName',
      'protocol',
      'user',
      'startedAt',
      'state',
      'bytesToClient',
      'bytesFromClient',
      'gatewayMs',
    ],
    properties: {
      id: { type: 'string', description: 'Random.' },
      operationId: textOrNull('null until the platform has created it.'),
      deviceId: { type: 'string' },
      deviceName: { type: 'string' },
      endpointId: { type: 'string' },
      endpointName: { type: 'string' },
      protocol: { type: 'string', enum: [...PROTOCOLS] },
      user: { type: 'string', description: 'The user who opened it.' },
      startedAt: { type: 'string', description: 'ISO 8601.' },
      state: { type: 'string', enum: ['opening', 'open', 'waiting'] },
      bytesToClient: count,
      bytesFromClient: count,
      gatewayMs: {
        type: 'number',
        nullable: true,
        description: 'The latest round trip to the gateway; null before the first.',
      },
      replica: {
        type: 'string',
        description: 'Which replica of the service has it; absent if there is only one.',
      },
    },
  },
  TerminateBody: {
    type: 'object',
    properties: {
      reason: {
        type: 'string',
        maxLength: MAX_REASON_LENGTH,
        description: 'Shown to the user of the session, and kept in the audit log.',
      },
    },
  },
};

export const RUNNING_SESSION_EXAMPLE: RunningSession = {
  id: '1f3cba164a2e4a4b9d5c0a7cf7b4c8ce',
  operationId: '4711',
  deviceId: '1001',
  deviceName: 'Factory gateway',
  endpointId: '1',
  endpointName: 'Line controller',
  protocol: 'SSH',
  user: 'operator',
  startedAt: '2026-11-24T00:00:00.000Z',
  state: 'open',
  bytesToClient: 4096,
  bytesFromClient: 12,
  gatewayMs: 8.4,
};
