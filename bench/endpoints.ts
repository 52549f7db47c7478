import type { LocalStack } from '@remote-access/testkit';
import type { BenchEntry } from './entry';
import { Measurement } from './measurement';

const ROUNDS = 100;

/** Requests that are not measured, until code is compiled and connections are open. */
const WARM_UP = 15;

const ENDPOINTS = 100;

/** Delays that users do not notice. */
const MARKS_MS = { list: 15, create: 40 } as const;

const SERVICE = '/service/remoteaccess';

/**
 * Measures what the service adds to the platform's response time. Each request alternates with the
 * platform's own request for the same data, so that both run under the same load.
 */
export const endpoints: BenchEntry = {
  name: 'endpoints',
  async run(stack) {
    const list = await measureList(stack);
    const create = await measureCreate(stack);
    console.table([...list, ...create].map(measurement => measurement.row()));
    printDifference('Listing 100 endpoints', list, MARKS_MS.list);
    printDifference('Creating an endpoint', create, MARKS_MS.create);
  },
};

type Pair = readonly [ours: Measurement, platform: Measurement];

async function measureList(stack: LocalStack): Promise<Pair> {
  const device = await newGateway(stack, 'Bench: many endpoints');
  const rows = Array.from({ length: ENDPOINTS }, (_, at) => ({ deviceId: device, ...body(at) }));
  await call(stack, 'POST', `${SERVICE}/configurations/import`, rows);
  const ours = new Measurement(`GET configurations, ${ENDPOINTS} endpoints`);
  const platform = new Measurement('GET managed object, platform only');
  await interleave(
    [ours, () => call(stack, 'GET', `${SERVICE}/devices/${device}/configurations`)],
    [platform, () => call(stack, 'GET', `/inventory/managedObjects/${device}`)],
  );
  return [ours, platform];
}

async function measureCreate(stack: LocalStack): Promise<Pair> {
  const [device, twin] = [
    await newGateway(stack, 'Bench: new endpoints'),
    await newGateway(stack, 'Bench: the platform alone'),
  ];
  const ours = new Measurement('POST configurations, with a password');
  const platform = new Measurement('PUT managed object, platform only');
  const stored: object[] = [];
  let made = 0;
  await interleave(
    [ours, () => call(stack, 'POST', `${SERVICE}/devices/${device}/configurations`, body(made++))],
    [
      platform,
      () => {
        const { password, ...entry } = body(stored.length);
        stored.push({ id: String(stored.length), ...entry, credentials: { password } });
        const list = { c8y_RemoteAccessList: stored };
        return call(stack, 'PUT', `/inventory/managedObjects/${twin}`, list);
      },
    ],
  );
  return [ours, platform];
}

type Runner = readonly [measurement: Measurement, action: () => Promise<unknown>];

async function interleave(...runners: readonly Runner[]): Promise<void> {
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    for (const [measurement, action] of runners) {
      if (round < WARM_UP) await action();
      else await measurement.take(action);
    }
  }
}

function printDifference(what: string, [ours, platform]: Pair, markMs: number): void {
  const beyondMs = ours.percentile(0.5) - platform.percentile(0.5);
  const verdict = beyondMs <= markMs ? 'within' : 'ABOVE';
  console.log(
    `${what}: ${beyondMs.toFixed(1)} ms more than the platform, ${verdict} the goal of ${markMs} ms.`,
  );
}

function body(at: number) {
  return {
    name: `Machine ${at}`,
    hostname: '10.0.0.5',
    port: 22,
    protocol: 'SSH',
    credentialsType: 'USER_PASS',
    username: 'root',
    password: `secret ${at}`,
  };
}

async function newGateway(stack: LocalStack, name: string): Promise<string> {
  const device = {
    name,
    c8y_IsDevice: {},
    com_cumulocity_model_Agent: {},
    c8y_SupportedOperations: ['c8y_RemoteAccessConnect'],
  };
  const { id } = (await call(stack, 'POST', '/inventory/managedObjects', device)) as { id: string };
  return id;
}

async function call(
  stack: LocalStack,
  method: string,
  path: string,
  content?: object,
): Promise<unknown> {
  const init = content ? { method, body: JSON.stringify(content) } : { method };
  const response = await stack.fetch(path, 'admin', init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as unknown;
}
