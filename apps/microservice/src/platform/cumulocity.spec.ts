import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Secret } from '@remote-access/settings';
import { MemoryBudget, memoryLimits } from '../memory/memory-budget';
import { readSettings } from '../settings/settings';
import { CallerCredentials } from './caller-credentials';
import { Cumulocity, ServiceAccounts } from './cumulocity';
import { FakePlatform } from './fake-platform.fixture';

const TENANT = 'GET /tenant/currentTenant';
const SUBSCRIPTIONS = 'GET /application/currentApplication/subscriptions';
const KEY = 'x-cumulocity-application-key';

describe('calls to the platform', () => {
  let platform: FakePlatform;
  let received: IncomingHttpHeaders[];

  beforeEach(async () => {
    platform = await FakePlatform.start();
    received = [];
    for (const [call, body] of [
      [TENANT, { name: 't1' }],
      [SUBSCRIPTIONS, { users: [] }],
    ] as const) {
      platform.answer(call, ({ headers }, response) => {
        received.push(headers);
        response.end(JSON.stringify(body));
      });
    }
  });
  afterEach(() => platform.stop());

  function connect(env: NodeJS.ProcessEnv): Cumulocity {
    const settings = readSettings({
      C8Y_BASEURL: platform.url,
      C8Y_BOOTSTRAP_TENANT: 'management',
      C8Y_BOOTSTRAP_USER: 'bootstrap',
      C8Y_BOOTSTRAP_PASSWORD: 'p',
      ...env,
    });
    const accounts = new ServiceAccounts();
    accounts.replace([{ tenant: 't1', user: 'service', password: new Secret('p') }]);
    return new Cumulocity(settings, accounts, new MemoryBudget(memoryLimits(16_000_000, false)));
  }

  function caller(forwardedHost?: string, peer = '10.0.0.1'): CallerCredentials {
    const headers = { authorization: 'Bearer a.b.c', 'x-forwarded-host': forwardedHost };
    const request = { method: 'GET', url: '/', headers, socket: { remoteAddress: peer } };
    return CallerCredentials.from(request as unknown as IncomingMessage)!;
  }

  async function callInEveryName(cumulocity: Cumulocity): Promise<void> {
    await cumulocity.as(caller()).tenant();
    await cumulocity.asService('t1').tenant();
    await cumulocity.subscriptions();
  }

  it('have the key of the application, so that they make no device look available', async () => {
    const cumulocity = connect({ APPLICATION_KEY: 'key-1' });
    await callInEveryName(cumulocity);
    expect(received.map(headers => headers[KEY])).toEqual(['key-1', 'key-1', 'key-1']);
    expect(cumulocity.realtime('t1')?.headers[KEY]).toBe('key-1');
  });

  it('have no such header where the platform gives no key', async () => {
    const cumulocity = connect({});
    await callInEveryName(cumulocity);
    expect(received.map(headers => KEY in headers)).toEqual([false, false, false]);
    expect(cumulocity.realtime('t1')?.headers).not.toHaveProperty(KEY);
  });

  it("name the caller's host if a trusted proxy forwarded it, and no other", async () => {
    const cumulocity = connect({ TRUSTED_PROXIES: '10.0.0.1' });
    await cumulocity.as(caller('evil.example, plant.example.com')).tenant();
    await cumulocity.as(caller('plant.example.com', '203.0.113.9')).tenant();
    await cumulocity.asService('t1').tenant();
    expect(received.map(headers => headers['x-forwarded-host'])).toEqual([
      'plant.example.com',
      undefined,
      undefined,
    ]);
  });
});
