import type { PlatformAnswer, PlatformCalls } from '../host/platform-calls';
import { Refusal } from '../ui/refusal';
import type { ChangedEntry } from './changed-entry';
import { EndpointClient } from './endpoint-client';

class Recorder implements PlatformCalls {
  readonly calls: string[] = [];
  readonly bodies: unknown[] = [];
  constructor(private readonly answer: PlatformAnswer) {}

  call(method: string, path: string, body?: unknown): Promise<PlatformAnswer> {
    this.calls.push(`${method} ${path}`);
    this.bodies.push(body);
    return Promise.resolve(this.answer);
  }

  basicToken(): undefined {
    return undefined;
  }

  xsrfToken(): undefined {
    return undefined;
  }

  webSocketAddress(path: string): string {
    return path;
  }
}

const CHANGED = { id: '2', changed: { seen: 'digest' } } as ChangedEntry;

const BODY = { name: 'a', hostname: 'b', port: 1, protocol: 'TELNET' } as const;

describe('EndpointClient', () => {
  it('reads the bare array', async () => {
    const platform = new Recorder({ status: 200, body: [{ id: '1' }] });
    await expect(new EndpointClient(platform, '1001').list()).resolves.toEqual([{ id: '1' }]);
    expect(platform.calls).toEqual(['GET /service/remoteaccess/devices/1001/configurations']);
  });

  it('treats a response that is not an array as a refusal', async () => {
    const platform = new Recorder({ status: 200, body: { paged: [] } });
    await expect(new EndpointClient(platform, '1001').list()).resolves.toBeInstanceOf(Refusal);
  });

  it('creates without an id and replaces with one', async () => {
    const platform = new Recorder({ status: 201, body: { id: '2' } });
    const client = new EndpointClient(platform, '1001');
    await client.save(BODY);
    await client.save(BODY, '2');
    expect(platform.calls.map(call => call.replace(/ .*configurations/, ' …'))).toEqual([
      'POST …',
      'PUT …/2',
    ]);
  });

  it('returns undefined if an endpoint was removed, otherwise the refusal', async () => {
    const gone = new EndpointClient(new Recorder({ status: 204, body: undefined }), '1001');
    await expect(gone.remove('2')).resolves.toBeUndefined();
    const refused = new EndpointClient(new Recorder({ status: 403, body: undefined }), '1001');
    await expect(refused.remove('2')).resolves.toMatchObject({ status: 403 });
  });

  it('returns the users with a session on an endpoint, each once', async () => {
    const sessions = [
      { endpointId: '2', user: 'engineer' },
      { endpointId: '3', user: 'operator' },
      { endpointId: '2', user: 'engineer' },
      { endpointId: '2', user: 'admin' },
    ];
    const platform = new Recorder({ status: 200, body: sessions });
    const users = await new EndpointClient(platform, '1001').usersOf('2');
    expect(users).toEqual(['engineer', 'admin']);
    expect(platform.calls).toEqual(['GET /service/remoteaccess/devices/1001/sessions']);
  });

  it('returns no users if the service does not reveal them', async () => {
    const platform = new Recorder({ status: 403, body: {} });
    await expect(new EndpointClient(platform, '1001').usersOf('2')).resolves.toEqual([]);
  });

  it('confirms an endpoint in the state that was shown', async () => {
    const platform = new Recorder({ status: 200, body: {} });
    const client = new EndpointClient(platform, '1001');
    await expect(client.confirm(CHANGED)).resolves.toBeUndefined();
    await client.confirm(CHANGED, 'secret');
    await client.confirmAll([CHANGED]);
    expect(platform.calls.map(call => call.replace('/service/remoteaccess', ''))).toEqual([
      'POST /devices/1001/configurations/2/confirm',
      'POST /devices/1001/configurations/2/confirm',
      'POST /configurations/confirm',
    ]);
    expect(platform.bodies).toEqual([
      { seen: 'digest' },
      { seen: 'digest', password: 'secret' },
      { endpoints: [{ deviceId: '1001', id: '2', seen: 'digest' }] },
    ]);
    const refused = new EndpointClient(new Recorder({ status: 409, body: {} }), '1001');
    await expect(refused.confirm(CHANGED)).resolves.toMatchObject({ status: 409 });
    await expect(refused.confirmAll([CHANGED])).resolves.toMatchObject({ status: 409 });
  });

  it('encodes an id as one segment of the path', async () => {
    const platform = new Recorder({ status: 200, body: {} });
    await new EndpointClient(platform, '1001').find('../../1002/configurations/1');
    expect(platform.calls[0]).toMatch(/1001\/configurations\/\.\.%2F/);
  });
});
