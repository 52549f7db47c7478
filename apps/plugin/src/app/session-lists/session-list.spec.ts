import type { RunningSession } from '@remote-access/contracts';
import { Refusal } from '../ui/refusal';
import {
  arranged,
  durationText,
  bytesText,
  type SessionCalls,
  SessionListClient,
  sinceOf,
} from './session-list';

const session = (change: Partial<RunningSession>): RunningSession => ({
  id: 'S',
  operationId: null,
  deviceId: '1001',
  deviceName: 'Press 7',
  endpointId: '1',
  endpointName: 'Shell',
  protocol: 'SSH',
  user: 'ana',
  startedAt: '2026-11-24T10:00:00.000Z',
  state: 'open',
  bytesToClient: 10,
  bytesFromClient: 1,
  gatewayMs: null,
  ...change,
});

const SESSIONS = [
  session({ id: '1', user: 'ben', bytesToClient: 5 }),
  session({ id: '2', user: 'ana', deviceName: 'Oven', startedAt: '2026-11-24T09:00:00.000Z' }),
  session({ id: '3', user: 'cleo', protocol: 'VNC', endpointName: 'Panel' }),
];
const ids = (sessions: RunningSession[]): string => sessions.map(({ id }) => id).join('');

describe('the list of running sessions', () => {
  it('is sorted by each column, in both directions', () => {
    expect(ids(arranged(SESSIONS, '', 'user', false))).toBe('213');
    expect(ids(arranged(SESSIONS, '', 'user', true))).toBe('312');
    expect(ids(arranged(SESSIONS, '', 'startedAt', false))).toBe('213');
    expect(ids(arranged(SESSIONS, '', 'bytes', false))).toBe('123');
    const measured = SESSIONS.map((one, at) => ({ ...one, gatewayMs: at === 0 ? null : 9 - at }));
    expect(ids(arranged(measured, '', 'gatewayMs', false))).toBe('132');
    const replicas = SESSIONS.map((one, at) => ({ ...one, replica: 'cab'[at]! }));
    expect(ids(arranged(replicas, '', 'replica', false))).toBe('231');
  });

  it.each([
    ['', '213'],
    [' VNC ', '3'],
    ['oven', '2'],
    ['an', '23'],
    ['nobody', ''],
  ])('is filtered by user, gateway, endpoint and protocol: %j', (filter, expected) => {
    expect(ids(arranged(SESSIONS, filter, 'user', false))).toBe(expected);
  });

  it('says since when a user is connected, even if the clocks differ', () => {
    const startedMs = Date.parse(SESSIONS[0]!.startedAt);
    expect(sinceOf(SESSIONS[0]!, startedMs - 5_000).text).toBe('less than a minute');
    expect(sinceOf(SESSIONS[0]!, startedMs + 5 * 60_000).values).toEqual({ minutes: '5' });
    expect(sinceOf(SESSIONS[0]!, startedMs + 125 * 60_000).values).toEqual({
      hours: '2',
      minutes: '5',
    });
  });

  it('shows bytes in a readable unit', () => {
    expect([0, 999, 1_000, 2_345_678, 9e12].map(bytesText)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '2.3 MB',
      '9000.0 GB',
    ]);
  });

  it('ends a session with its reason, and explains a refusal', async () => {
    const calls: unknown[] = [];
    const platform: SessionCalls['platform'] = {
      call: (...call: unknown[]) => {
        calls.push(call);
        return Promise.resolve({ status: calls.length === 1 ? 204 : 404, body: undefined });
      },
    };
    const streams = { stream: () => Promise.reject(new Error('not asked for')) as never };
    const client = new SessionListClient({ platform, streams }, '10/1');
    expect(await client.terminate('S', 'Maintenance')).toBeUndefined();
    expect(calls[0]).toEqual([
      'DELETE',
      '/service/remoteaccess/devices/10%2F1/sessions/S',
      { reason: 'Maintenance' },
    ]);
    expect(await client.terminate('S', '')).toBeInstanceOf(Refusal);
  });
});

it.each([
  [400, { seconds: '0' }],
  [59_400, { seconds: '59' }],
  [60_000, { minutes: '1' }],
  [7_500_000, { hours: '2', minutes: '5' }],
])('%d ms are shown as %j', (ms, values) => {
  expect(durationText(ms).values).toEqual(values);
});
