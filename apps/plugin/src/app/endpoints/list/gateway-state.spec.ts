import type { PlatformCalls } from '../../host/platform-calls';
import { fetchGatewayState, gatewayStateOf } from './gateway-state';

const LAST = '2026-11-24T10:00:00.000Z';

it.each([
  [{}, 'unknown'],
  [{ c8y_Connection: null, c8y_Availability: 'yes' }, 'unknown'],
  [{ c8y_Connection: { status: 'CONNECTED' } }, 'online'],
  [{ c8y_Connection: { status: 'DISCONNECTED' } }, 'offline'],
  [{ c8y_Availability: { status: 'AVAILABLE' } }, 'online'],
  [{ c8y_Availability: { status: 'UNAVAILABLE' } }, 'offline'],
  [{ c8y_Availability: { status: 'MAINTENANCE' } }, 'maintenance'],
  [
    { c8y_Connection: { status: 'CONNECTED' }, c8y_Availability: { status: 'UNAVAILABLE' } },
    'online',
  ],
  [
    { c8y_Connection: { status: 'DISCONNECTED' }, c8y_Availability: { status: 'AVAILABLE' } },
    'online',
  ],
])('a gateway with %j is %s', (fragments, connection) => {
  expect(gatewayStateOf({ id: '1', ...fragments }).connection).toBe(connection);
});

it('has the last contact, if it is a time', () => {
  const of = (lastMessage: unknown) =>
    gatewayStateOf({ id: '1', c8y_Availability: { lastMessage } }).lastContact;
  expect(of(LAST)).toEqual(new Date(LAST));
  expect(of('yesterday')).toBeUndefined();
  expect(of(7)).toBeUndefined();
});

it('is requested from the platform, which may refuse', async () => {
  const paths: string[] = [];
  const platform = (status: number) =>
    ({
      call: (_: string, path: string) => {
        paths.push(path);
        const body = { id: '1', c8y_Connection: { status: 'CONNECTED' } };
        return Promise.resolve({ status, body });
      },
    }) as unknown as PlatformCalls;
  expect(await fetchGatewayState(platform(200), '10/1')).toEqual({ connection: 'online' });
  expect(await fetchGatewayState(platform(403), '1')).toEqual({ connection: 'unknown' });
  expect(paths[0]).toBe('/inventory/managedObjects/10%2F1?withChildren=false');
});
