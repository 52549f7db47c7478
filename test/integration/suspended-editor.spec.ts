import type { Socket } from 'node:net';
import { closedPort, waitUntil } from '@remote-access/testkit';
import { LISTENS_AT, Network } from '../fixtures/network';
import { type Replica, Replicas } from '../fixtures/replicas';

// A replica that holds the lease on a gateway's endpoints is stopped while it changes them.
const DEVICE = '1002';
const PATH = `/devices/${DEVICE}/configurations`;
const OBJECT = `/inventory/managedObjects/${DEVICE}`;

/** The others wait five seconds for a sign of life. */
const PATIENCE_MS = 30_000;

let toPlatform: Network;
let replicas: Replicas;
/** The one that reaches the platform through a network of the test. */
let holder: Replica;
let other: Replica;

beforeAll(async () => {
  // The platform answers only under names of its own.
  const foundAt = { host: LISTENS_AT, port: await closedPort() };
  replicas = await Replicas.start(2, {}, (index, { emulator }) => {
    if (index === 1) return {};
    toPlatform = new Network(Number(new URL(emulator.url).port), foundAt);
    // The service tries until it is reached.
    void toPlatform.start();
    return { C8Y_BASEURL: `http://${foundAt.host}:${foundAt.port}` };
  });
  [holder, other] = [replicas.services[0]!, replicas.services[1]!];
  await waitUntil('endpoints can be changed', async () => (await add(holder, 'first')) === 201);
}, 60_000);
beforeEach(async () => {
  await replicas.knowEachOther();
  for (const at of [holder, other]) {
    await waitUntil('it may change endpoints', async () => (await add(at, 'free', '1001')) === 201);
  }
}, 40_000);
afterEach(() => {
  toPlatform.hold = undefined;
});
afterAll(async () => {
  holder.process.signal('SIGCONT');
  await replicas.stop();
  await toPlatform.stop();
}, 30_000);

async function add(at: Replica, name: string, device = DEVICE): Promise<number> {
  const body = { name, hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' };
  const path = `/devices/${device}/configurations`;
  return (await at.fetch(path, { method: 'POST', body: JSON.stringify(body) })).status;
}

async function names(): Promise<string[]> {
  return (await other.json<{ name: string }[]>(PATH)).map(({ name }) => name);
}

/** The user in whose name a request is made. */
function userOf(request: string): string {
  const [, encoded = ''] = /^authorization: Basic (\S+)/im.exec(request) ?? [];
  return Buffer.from(encoded, 'base64').toString().split(':')[0]!;
}

/** Stops the holder while some of its bytes are on their way. */
class Suspension {
  private release!: () => void;
  private readonly released = new Promise<void>(resolve => (this.release = resolve));
  isReached = false;

  /** @param isRead whether it has read the list; otherwise its write is on its way */
  constructor(isRead: boolean) {
    let reading: Socket | undefined;
    toPlatform.hold = ({ connection, isRequest, text }) => {
      if (this.isReached) return undefined;
      const isOwn = isRequest && userOf(text).includes('service_');
      if (isOwn && text.startsWith(`GET ${OBJECT}?`)) reading = connection;
      const isHere = isRead
        ? !isRequest && connection === reading
        : isOwn && text.startsWith(`PUT ${OBJECT} `);
      if (!isHere) return undefined;
      this.isReached = true;
      holder.process.signal('SIGSTOP');
      return this.released;
    };
  }

  /** What was on its way arrives. */
  deliver(): void {
    this.release();
  }
}

/** The other replica changes the endpoints while the holder is stopped. */
async function addMeanwhile(suspension: Suspension, ours: string, theirs: string) {
  const status = add(holder, ours);
  await waitUntil('the holder is stopped', () => suspension.isReached);
  await waitUntil(
    'the other one may change endpoints',
    async () => (await add(other, theirs)) === 201,
    PATIENCE_MS,
  );
  return { status };
}

it('it does not overwrite what was changed meanwhile when it continues', async () => {
  const suspension = new Suspension(true);
  const { status } = await addMeanwhile(suspension, 'stale', 'meanwhile');
  holder.process.signal('SIGCONT');
  suspension.deliver();
  // It has lost its lease, or has waited too long for the platform.
  expect([503, 504]).toContain(await status);
  expect(await names()).toEqual(['first', 'meanwhile']);
  await waitUntil(
    'it may change endpoints again',
    async () => (await add(holder, 'again')) === 201,
  );
  expect(await names()).toEqual(['first', 'meanwhile', 'again']);
}, 60_000);

it('what it had sent before is written all the same: the window that remains', async () => {
  const before = await names();
  const suspension = new Suspension(false);
  const { status } = await addMeanwhile(suspension, 'late', 'lost');
  expect(await names()).toEqual([...before, 'lost']);
  // The platform has no conditional PUT. docs/decisions/0122-replicas.md names this case.
  suspension.deliver();
  await waitUntil('it is written', async () => (await names()).includes('late'));
  expect(await names()).toEqual([...before, 'late']);
  holder.process.signal('SIGCONT');
  await status;
}, 60_000);

it('while the broker is lost, a change is refused without asking the platform, which may be slow', async () => {
  await replicas.nats.kill();
  await waitUntil('it is noticed', async () => (await add(holder, 'no')) === 503, 20_000);
  const users: string[] = [];
  toPlatform.hold = ({ isRequest, text }) => {
    if (isRequest) users.push(userOf(text));
    return undefined;
  };
  expect(await add(holder, 'no')).toBe(503);
  expect(users.filter(user => user.includes('engineer'))).toEqual([]);
  await replicas.nats.restart();
}, 60_000);
