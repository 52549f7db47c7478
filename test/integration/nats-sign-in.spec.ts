import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '@remote-access/settings';
import { CertificateAuthority, temporaryFolder, waitUntil } from '@remote-access/testkit';
import { Broker } from '../../apps/microservice/src/cluster/broker';
import { ClusterKeys } from '../../apps/microservice/src/cluster/cluster-keys';
import type { Log } from '../../apps/microservice/src/logging/log';
import { readSettings } from '../../apps/microservice/src/settings/settings';
import { natsAccounts } from '../fixtures/nats-accounts';
import { NatsServer } from '../fixtures/replicas';

const folder = temporaryFolder('nats-sign-in');
const authority = new CertificateAuthority('NATS');
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
}, 20_000);
afterAll(() => {
  folder.remove();
  authority.remove();
});

let files = 0;

function file(text: string): string {
  files += 1;
  const path = join(folder.path, String(files));
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

async function serve(...args: string[]): Promise<NatsServer> {
  const server = await NatsServer.start(args);
  stops.push(() => server.stop());
  return server;
}

const keys = new ClusterKeys({
  tenant: 'management',
  user: 'bootstrap',
  password: new Secret('p'),
});

/** A broker with the settings of an environment, and what it has logged. */
function brokerOf(env: NodeJS.ProcessEnv): { broker: Broker; errors: string[] } {
  const { cluster } = readSettings({
    C8Y_BASEURL: 'http://127.0.0.1:1',
    C8Y_BOOTSTRAP_TENANT: 'management',
    C8Y_BOOTSTRAP_USER: 'bootstrap',
    C8Y_BOOTSTRAP_PASSWORD: 'p',
    ...env,
  });
  const errors: string[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (_text: string, { cause }: { cause: Error }) => errors.push(String(cause)),
  } as unknown as Log;
  const broker = new Broker(cluster!.broker, keys, log);
  stops.push(() => broker.stop());
  broker.start();
  return { broker, errors };
}

/** Whether two replicas with these settings reach each other. */
async function carries(env: NodeJS.ProcessEnv): Promise<boolean> {
  const [one, two] = [brokerOf(env), brokerOf(env)];
  const heard: unknown[] = [];
  one.broker.subscribe('event', message => heard.push(message));
  const isRefused = (): boolean => one.errors.length > 0;
  await waitUntil(
    'it is let in or refused',
    () => isRefused() || (one.broker.isConnected && two.broker.isConnected),
  );
  if (isRefused()) return false;
  await one.broker.flush();
  two.broker.publish('event', { text: 'hello' });
  await waitUntil('a message has arrived', () => heard.length > 0);
  return true;
}

const host = (server: NatsServer): string => `127.0.0.1:${server.port}`;

describe('a NATS server with user and password', () => {
  it('admits a user from the settings, and one from the URL', async () => {
    const server = await serve('--user', 'relay', '--pass', 'p@ss');
    const inSettings = { NATS_URL: server.url, NATS_USER: 'relay', NATS_PASSWORD: 'p@ss' };
    expect(await carries(inSettings)).toBe(true);
    expect(await carries({ NATS_URL: `nats://relay:p%40ss@${host(server)}` })).toBe(true);
  });

  it('refuses a wrong password (security)', async () => {
    const server = await serve('--user', 'relay', '--pass', 'right');
    expect(await carries({ NATS_URL: `nats://relay:wrong@${host(server)}` })).toBe(false);
  });
});

it('a NATS server with a token admits it from settings and URL, and no other (security)', async () => {
  const server = await serve('--auth', 'secret-token');
  expect(await carries({ NATS_URL: server.url, NATS_TOKEN: 'secret-token' })).toBe(true);
  expect(await carries({ NATS_URL: `nats://secret-token@${host(server)}` })).toBe(true);
  expect(await carries({ NATS_URL: server.url, NATS_TOKEN: 'another' })).toBe(false);
});

describe('a NATS server with TLS', () => {
  const certificate = authority.issue({ commonName: 'nats', subjectAltName: 'DNS:localhost' });
  const own = ['--tlscert', certificate.certificatePath, '--tlskey', certificate.keyPath];

  it('is trusted if its certificate is from the configured CA (security)', async () => {
    const server = await serve('--tls', ...own);
    const url = `tls://localhost:${server.port}`;
    expect(await carries({ NATS_URL: url, NATS_CA: authority.certificatePath })).toBe(true);
    const other = new CertificateAuthority('other');
    expect(await carries({ NATS_URL: url, NATS_CA: other.certificatePath })).toBe(false);
    expect(await carries({ NATS_URL: url })).toBe(false);
    other.remove();
  });

  it('that requests a certificate receives it', async () => {
    const server = await serve('--tlsverify', ...own, '--tlscacert', authority.certificatePath);
    const client = authority.issue({ commonName: 'relay' });
    const env = { NATS_URL: `tls://localhost:${server.port}`, NATS_CA: authority.certificatePath };
    const identity = { NATS_CERT: client.certificatePath, NATS_KEY: client.keyPath };
    expect(await carries({ ...env, ...identity })).toBe(true);
    expect(await carries(env)).toBe(false);
  });

  it('never receives a password in clear text if the settings require TLS (security)', async () => {
    const server = await serve('--user', 'relay', '--pass', 'right');
    expect(await carries({ NATS_URL: `tls://relay:right@${host(server)}` })).toBe(false);
  });
});

describe('a NATS server with signed accounts', () => {
  it('admits a credentials file signed by its account, and no other (security)', async () => {
    const ours = natsAccounts();
    const server = await serve('-c', file(ours.configuration));
    const env = { NATS_URL: server.url };
    expect(await carries({ ...env, NATS_CREDENTIALS: file(ours.credentials) })).toBe(true);
    const others = file(natsAccounts().credentials);
    expect(await carries({ ...env, NATS_CREDENTIALS: others })).toBe(false);
    const strangers = file(natsAccounts('stranger').credentials);
    expect(await carries({ ...env, NATS_CREDENTIALS: strangers })).toBe(false);
    expect(await carries(env)).toBe(false);
  });
});
