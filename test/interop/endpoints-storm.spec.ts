import { setTimeout as pause } from 'node:timers/promises';
import type { Endpoint } from '@remote-access/contracts';
import { waitUntil } from '@remote-access/testkit';
import { SeparateStack } from '../fixtures/separate-stack';
import { basic, GATEWAY } from '../fixtures/stack';

/** Number of kills, minimum working time between disruptions, and duration of each pause. */
const KILLS = 3;
const WORK_MS = 700;
const CUT_MS = 400;

const WRITERS_EACH = 2;
const ENDPOINTS_EACH = 4;
const SECRET = 'storm-pässword-7';

let stack: SeparateStack;
beforeEach(async () => {
  stack = await SeparateStack.start();
}, 60_000);
afterEach(() => stack.stop(), 30_000);

/** An administrator who writes endpoints and records which writes were acknowledged. */
class Writer {
  /** Last acknowledged port of each endpoint. */
  readonly acknowledged = new Map<string, number>();
  /** Writes without a response: they may have taken effect or not. */
  readonly doubts = new Map<string, 'changed' | 'removed'>();
  readonly idsGiven: string[] = [];
  readonly unexpected: string[] = [];
  private step = 0;

  constructor(
    private readonly name: string,
    private readonly user: string,
  ) {}

  async work(until: () => boolean): Promise<void> {
    while (!until()) {
      this.step += 1;
      const settled = [...this.acknowledged.keys()].filter(id => !this.doubts.has(id));
      const [oldest] = settled;
      if (oldest === undefined || settled.length < ENDPOINTS_EACH) await this.create();
      else if (this.step % 2 === 0) await this.change(oldest);
      else await this.remove(oldest);
    }
  }

  private async create(): Promise<void> {
    const created = await this.call('POST', '', {
      name: `${this.name} ${this.step}`,
      hostname: '127.0.0.1',
      port: this.step,
      protocol: 'SSH',
      credentialsType: 'USER_PASS',
      username: 'fitter',
      password: SECRET,
    });
    if (!created) return;
    this.idsGiven.push(created.id);
    this.acknowledged.set(created.id, created.port);
  }

  private async change(id: string): Promise<void> {
    this.doubts.set(id, 'changed');
    const changed = await this.call('PATCH', `/${id}`, {
      port: 10_000 + this.step,
      password: SECRET,
    });
    if (!changed) return;
    this.doubts.delete(id);
    this.acknowledged.set(id, changed.port);
  }

  private async remove(id: string): Promise<void> {
    this.doubts.set(id, 'removed');
    if (await this.call('DELETE', `/${id}`)) this.acknowledged.delete(id);
  }

  /**
   * @returns the response; `undefined` without one, or if the service could not reach the platform
   */
  private async call(method: string, path: string, body?: object): Promise<Endpoint | undefined> {
    const url = `${stack.url}/service/remoteaccess/devices/${GATEWAY}/configurations${path}`;
    const headers = {
      authorization: basic(this.user),
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    };
    try {
      const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
      const text = await response.text();
      if (response.ok) return text ? (JSON.parse(text) as Endpoint) : ({} as Endpoint);
      if (response.status < 502) this.unexpected.push(`${method} ${response.status} ${text}`);
    } catch (cause) {
      // The platform's ingress outlives the service and answers instead, so this is unexpected.
      this.unexpected.push(`${method} ${(cause as Error).message}`);
    }
    await pause(20);
    return undefined;
  }
}

it('no acknowledged write is lost when the service is paused and killed', async () => {
  const writers = ['engineer', 'admin'].flatMap(user =>
    Array.from({ length: WRITERS_EACH }, (_, index) => new Writer(`${user} ${index}`, user)),
  );
  const fewest = (): number => Math.min(...writers.map(({ idsGiven }) => idsGiven.length));
  const worked = async (): Promise<void> => {
    const before = fewest();
    await pause(WORK_MS);
    await waitUntil('every writer goes on', () => fewest() > before, 20_000);
  };
  let over = false;
  const work = Promise.all(writers.map(writer => writer.work(() => over)));
  for (let kill = 0; kill < KILLS; kill += 1) {
    await worked();
    // Paused for a while, as if the network had failed and recovered; then killed amid writes.
    stack.microservice.process.kill('SIGSTOP');
    await pause(CUT_MS);
    stack.microservice.process.kill('SIGCONT');
    await worked();
    await stack.microservice.end('SIGKILL');
    await stack.restartMicroservice();
  }
  await worked();
  over = true;
  await work;

  expect(writers.flatMap(({ unexpected }) => unexpected).slice(0, 5)).toEqual([]);
  const list = await stack.json<Endpoint[]>(
    `/service/remoteaccess/devices/${GATEWAY}/configurations`,
  );
  const ports = new Map(list.map(({ id, port }) => [id, port]));
  const lost: string[] = [];
  for (const { acknowledged, doubts } of writers) {
    for (const [id, port] of acknowledged) {
      if (doubts.get(id) === 'removed') continue;
      if (!ports.has(id)) lost.push(`${id} is gone`);
      else if (!doubts.has(id) && ports.get(id) !== port) lost.push(`${id} has another port`);
    }
  }
  expect(lost).toEqual([]);
  const removed = writers.flatMap(({ idsGiven, acknowledged }) =>
    idsGiven.filter(id => !acknowledged.has(id)),
  );
  expect(removed.filter(id => ports.has(id))).toEqual([]);
  const given = writers.flatMap(({ idsGiven }) => idsGiven);
  expect(new Set(given).size).toBe(given.length);
  // Proves that there was load: every writer created endpoints, and some were removed.
  expect(fewest()).toBeGreaterThan(5);
  expect(removed.length).toBeGreaterThan(5);

  // Every entry is intact, and every password can be unsealed.
  expect(list.filter(one => 'damaged' in one || 'unreadable' in one)).toEqual([]);
  const device = await stack.json<Record<string, unknown>>(`/inventory/managedObjects/${GATEWAY}`);
  expect(JSON.stringify(device)).not.toContain(SECRET);
}, 120_000);
