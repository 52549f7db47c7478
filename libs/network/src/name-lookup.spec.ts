import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { type AddressInfo, type Server } from 'node:net';
import { connectionProblem } from './certificate-problem';
import { NameLookup, SlowResolverError } from './name-lookup';
import { NetworkRoute } from './network-route';

const LOOPBACK = [{ address: '127.0.0.1', family: 4 }];
const TOO_LATE = 'the DNS server did not resolve platform.test within 1 s';

/** A resolver that answers when the test says so. */
class ScriptedResolver {
  asked = 0;
  answer!: () => void;
  private readonly answered = new Promise<void>(resolve => (this.answer = resolve));

  async resolve(): Promise<typeof LOOPBACK> {
    this.asked += 1;
    await this.answered;
    return LOOPBACK;
  }
}

describe('a resolver that answers slowly', () => {
  let server: Server;
  let port: number;
  let resolver: ScriptedResolver;

  beforeEach(async () => {
    resolver = new ScriptedResolver();
    server = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    resolver.answer();
    await once(server.close(), 'close');
  });

  const routeWithin = (timeoutMs: number, proxy?: string): NetworkRoute =>
    new NetworkRoute(
      proxy === undefined ? {} : { proxy },
      new NameLookup({ resolve: () => resolver.resolve(), timeoutMs }),
    );
  const request = async (route: NetworkRoute): Promise<number | undefined> => {
    const agent = route.httpAgent(false, {});
    const sent = get(`http://platform.test:${port}/`, { agent });
    const [response] = (await once(sent, 'response')) as [{ statusCode?: number; resume(): void }];
    response.resume();
    return response.statusCode;
  };

  it('is named, for connections and for HTTP', async () => {
    const route = routeWithin(1_000);
    const failures = await Promise.all([
      route.connect({ host: 'platform.test', port, tls: false }).catch((cause: unknown) => cause),
      request(route).catch((cause: unknown) => cause),
    ]);
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(SlowResolverError);
      expect(connectionProblem('the platform', failure)).toBe(TOO_LATE);
    }
  });

  it('is named together with the proxy whose name it does not resolve', async () => {
    const route = routeWithin(1_000, 'http://platform.test:3128');
    const connecting = route.connect({ host: 'elsewhere.test', port, tls: false });
    await expect(connecting).rejects.toThrow(
      `the proxy platform.test:3128 could not be reached: ${TOO_LATE}`,
    );
  });

  it('delays all connections to a host by a single question', async () => {
    const route = routeWithin(60_000);
    const requests = Array.from({ length: 20 }, () => request(route));
    const direct = route.connect({ host: 'platform.test', port, tls: false });
    await new Promise(resolve => setImmediate(resolve));
    resolver.answer();
    expect(await Promise.all(requests)).toEqual(Array.from({ length: 20 }, () => 200));
    (await direct).destroy();
    expect(resolver.asked).toBe(1);
  });

  it('is not asked again until it has answered, which the next attempt uses', async () => {
    const route = routeWithin(1_000);
    await expect(request(route)).rejects.toThrow(TOO_LATE);
    const next = request(route);
    resolver.answer();
    expect(await next).toBe(200);
    expect(resolver.asked).toBe(1);
    // Later connections ask again, because addresses change.
    expect(await request(route)).toBe(200);
    expect(resolver.asked).toBe(2);
  });
});

it('a name that does not exist fails with the code of the system', async () => {
  const connecting = new NetworkRoute().connect({ host: 'no.invalid', port: 1, tls: false });
  await expect(connecting).rejects.toMatchObject({
    code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
  });
});
