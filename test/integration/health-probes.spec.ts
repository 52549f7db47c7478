import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Emulator } from '@remote-access/emulator';
import { startMicroservice, type Microservice } from '@remote-access/microservice';
import { closedPort, waitUntil } from '@remote-access/testkit';
import { isHostedByTurns, PASSWORD, serviceSettings } from '../fixtures/hosting';
import { basic } from '../fixtures/stack';

const PLATFORM = { password: PASSWORD, asHosted: isHostedByTurns() };

const environment = (platformUrl: string): NodeJS.ProcessEnv => ({
  ...serviceSettings(platformUrl),
  LOG_LEVEL: 'error',
});

let microservice: Microservice;
let emulator: Emulator | undefined;
afterEach(async () => {
  await microservice.stop();
  await emulator?.stop();
  emulator = undefined;
});

const status = async (path: string, method = 'GET'): Promise<number> =>
  (await fetch(microservice.url + path, { method })).status;

const ready = (): Promise<void> =>
  waitUntil('ready', async () => (await status('/health/readiness')) === 200);

describe('the microservice', () => {
  it('starts even if the platform is down, and is ready once it is up', async () => {
    const port = await closedPort();
    microservice = await startMicroservice(environment(`http://127.0.0.1:${port}`));
    expect(await status('/health/liveness')).toBe(200);
    expect(await status('/health/readiness')).toBe(503);
    expect(await status('/health', 'HEAD')).toBe(503);

    emulator = await Emulator.start({ port, ...PLATFORM });
    await ready();
    expect(await status('/health')).toBe(200);
    expect(await status('/health', 'HEAD')).toBe(200);
  });

  it('reports its health to anyone, without naming a tenant or a user', async () => {
    emulator = await Emulator.start(PLATFORM);
    microservice = await startMicroservice(environment(emulator.url));
    await ready();
    const text = await (await fetch(`${microservice.url}/health`)).text();
    expect(JSON.parse(text)).toEqual({
      status: 'UP',
      components: {
        platform: { status: 'UP' },
        keyMaterial: { status: 'UP', tenantsWithoutKey: 0 },
      },
    });
    expect(text).not.toMatch(/t1001|service_/);
  });

  it('has the probes that its manifest names', async () => {
    const manifest = JSON.parse(readFileSync(join(__dirname, '../../cumulocity.json'), 'utf8'));
    emulator = await Emulator.start(PLATFORM);
    microservice = await startMicroservice(environment(emulator.url));
    await ready();
    for (const probe of ['livenessProbe', 'readinessProbe']) {
      expect(await status(manifest[probe].httpGet.path)).toBe(200);
    }
    expect(manifest.name).toMatch(/^[a-z0-9-]{1,23}$/);
    expect(manifest.contextPath).toBe('remoteaccess');
  });

  it('stops even with a request and idle connections open', async () => {
    emulator = await Emulator.start(PLATFORM);
    microservice = await startMicroservice(environment(emulator.url));
    const { port } = new URL(microservice.url);
    const idle = connect(Number(port), '127.0.0.1');
    const unfinished = connect(Number(port), '127.0.0.1');
    await Promise.all([once(idle, 'connect'), once(unfinished, 'connect')]);
    unfinished.write('GET /devices/1001/conf');
    const closed = [idle, unfinished].map(socket => {
      // A reset counts as an end.
      socket.resume().on('error', () => socket.destroy());
      return new Promise(resolve => socket.once('close', resolve));
    });
    await microservice.stop();
    await Promise.all(closed);
  });
});

describe('a tenant that subscribes while the microservice runs', () => {
  it('is served shortly afterwards', async () => {
    emulator = await Emulator.start(PLATFORM);
    const tenant = emulator.store.tenant('t1002');
    const account = tenant?.accounts.get('service_cloud-remote-access');
    if (!tenant || !account) throw new Error('the seed has no service user in t1002');
    tenant.accounts.delete(account.id);
    microservice = await startMicroservice(environment(emulator.url));
    const listAsAdmin = (): Promise<Response> =>
      fetch(`${microservice.url}/devices/1001/configurations`, {
        headers: { authorization: basic('t1002/admin') },
      });
    await ready();
    const refused = await listAsAdmin();
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({
      message: 'Your tenant is not subscribed to remote access.',
    });
    tenant.accounts.put(account);
    await waitUntil('the tenant is served', async () => (await listAsAdmin()).status === 404);
  });
});
