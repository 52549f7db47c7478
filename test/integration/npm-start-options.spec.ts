import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestOverTls, type RequestOptions } from 'node:https';
import { connect } from 'node:net';
import { connect as connectOverTls } from 'node:tls';
import { json } from 'node:stream/consumers';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  closedPort,
  LocalStack,
  tcpTarget,
  temporaryFolder,
  waitUntil,
  type LocalStackOptions,
  type StackDescription,
} from '@remote-access/testkit';
import { TerminalClient } from '../fixtures/terminal-client';

/** If nothing is built yet, the build comes first. */
jest.setTimeout(300_000);

const START = join(__dirname, '..', '..', 'tools', 'start.mjs');
const ENDPOINTS = '/service/remoteaccess/devices/1001/configurations';

async function statusOf(running: LocalStack, password: string): Promise<number> {
  const authorization = `Basic ${btoa(`t1001/engineer:${password}`)}`;
  return (await fetch(`${running.url}/user/currentUser`, { headers: { authorization } })).status;
}

describe('without an sshd, with a password and ports that are set', () => {
  let running: LocalStack;
  let port: number;
  let securePort: number;
  beforeAll(async () => {
    [port, securePort] = [await closedPort(), await closedPort()];
    const ports = { MQTT_PORT: String(port), MQTTS_PORT: String(securePort) };
    running = await LocalStack.start({
      env: { SSHD: '/no/such/sshd', PASSWORD: 'remote-access', ...ports },
    });
  });
  afterAll(() => running.stop());

  it('a small server takes the place of sshd, and Connect works', async () => {
    expect(running.output).toContain('"Gateway shell" is a small SSH server with your shell');
    await worksInShell(running, running.url);
  });

  it('the password is the one in PASSWORD (security)', async () => {
    expect(running.description.password).toBe('remote-access');
    expect(running.output).toContain('the password of each is: remote-access\n');
    expect(await statusOf(running, 'remote-access')).toBe(200);
  });

  it('the broker listens on MQTT_PORT and MQTTS_PORT', async () => {
    const { output, description } = running;
    const addresses = {
      mqtt: `mqtt://127.0.0.1:${port}`,
      mqtts: `mqtts://127.0.0.1:${securePort}`,
    };
    expect(description).toMatchObject(addresses);
    expect(output).toContain(`MQTT: ${addresses.mqtt}, with TLS: ${addresses.mqtts}, CA: `);
    await answersAt(description);
  });
});

describe('without a password, with a free port for HTTPS', () => {
  let running: LocalStack;
  beforeAll(async () => {
    running = await LocalStack.start({ env: { PASSWORD: '', HTTPS_PORT: '0' } });
  });
  afterAll(() => running.stop());

  it('the password is a new random one, printed and described, and in no log (security)', async () => {
    const { password, parts } = running.description;
    expect(password).toMatch(/^[a-z2-9-]{23}$/);
    expect(running.output).toContain(`the password of each is: ${password}\n`);
    expect(await statusOf(running, password)).toBe(200);
    expect(await statusOf(running, 'remote-access')).toBe(401);

    const [link = ''] = /^ *(http:.*\/sign-in\?code=.*)$/m.exec(running.output)!.slice(1);
    const [first, second] = await Promise.all([call(link, {}), call(link, {})]);
    expect([first, second].map(answer => answer.resume().statusCode).sort()).toEqual([303, 410]);
    const logs = parts.map(({ log }) => readFileSync(log, 'utf8')).join('');
    expect(logs).toContain('"ready"');
    for (const secret of [password, link.split('=')[1]!]) expect(logs).not.toContain(secret);
  });

  it('the same content is served over TLS, with a certificate of the CA whose path is printed', async () => {
    const [, url = '', caPath = ''] = /^TLS: (https:.*)\/, CA: (.*)$/m.exec(running.output)!;
    const ca = readFileSync(caPath);
    const page = await call(`${url}/apps/public/login/`, { ca });
    expect(page.resume().statusCode).toBe(200);
    await expect(call(url, {})).rejects.toMatchObject({
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
    await worksInShell(running, url, { ca });
  });

  it('the ports of the broker are free ones, printed and described', async () => {
    const { output, description } = running;
    const { mqtt, mqtts, ca } = description;
    expect(output).toContain(`MQTT: ${mqtt}, with TLS: ${mqtts}, CA: ${ca}\n`);
    expect([new URL(mqtt).hostname, new URL(mqtts).hostname]).toEqual(['127.0.0.1', '127.0.0.1']);
    await answersAt(description);
  });
});

describe('a port that cannot be used is refused in one sentence', () => {
  const startWith = (env: NodeJS.ProcessEnv) =>
    promisify(execFile)(process.execPath, [START], { env: { ...process.env, PORT: '0', ...env } });

  it.each(['PORT', 'HTTPS_PORT', 'MQTT_PORT', 'MQTTS_PORT'])('%s', async variable => {
    const other = await tcpTarget();
    const free = String(await closedPort());
    const sentence = (text: string) => ({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^\\n${text}\\n$`)),
    });
    await expect(startWith({ [variable]: String(other.port) })).rejects.toMatchObject(
      sentence(
        `Port ${other.port} is taken by another program; stop that one, or choose another port: ${variable}=\\d+ npm start`,
      ),
    );
    await other.stop();
    await expect(startWith({ [variable]: '70000' })).rejects.toMatchObject(
      sentence(`${variable}=70000 is not a port number; use a number from 1 to 65535\\.`),
    );
    if (variable === 'PORT') return;
    await expect(startWith({ PORT: free, [variable]: free })).rejects.toMatchObject(
      sentence(
        `${variable}=${free} is the port of another part of the stack; choose another port: ${variable}=0 npm start`,
      ),
    );
  });
});

describe('--data', () => {
  let stack: LocalStack | undefined;
  const start = async (options: LocalStackOptions): Promise<LocalStack> =>
    (stack = await LocalStack.start(options));
  afterEach(() => stack?.stop());

  it('keeps the state, even if it is killed in the middle of a write', async () => {
    const folder = temporaryFolder('data');
    const args = ['--data', folder.path];
    const first = await start({ args });
    const endpoint = await addEndpoint(first, 'Kept');
    const file = join(folder.path, 'emulator.json');
    await waitUntil('it is written', () => readFileSync(file, 'utf8').includes('Kept'));

    const ended = once(first.process, 'exit');
    const emulator = first.description.parts.find(({ name }) => name === 'emulator')!;
    // Each change is written a moment later, so a write is always in progress.
    const changes = Array.from({ length: 300 }, (_, index) => addTenantOption(first, index));
    await changes[100];
    process.kill(emulator.pid, 'SIGKILL');
    await Promise.allSettled(changes);
    await ended;
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'));
    expect(kept).toHaveProperty('tenants');

    const second = await start({ args });
    expect(second.description.password).toBe(first.description.password);
    const endpoints = (await (await second.fetch(ENDPOINTS, 'operator')).json()) as object[];
    expect(endpoints).toEqual([
      expect.objectContaining({ name: 'Gateway shell' }),
      expect.objectContaining({ name: 'Operating panel' }),
      expect.objectContaining({ name: 'Old controller' }),
      expect.objectContaining({ name: 'Kept', id: endpoint.id }),
    ]);
    // The sealed key of the endpoint can still be unsealed.
    await worksInShell(second, second.url);
    await second.stop();
    stack = undefined;
    expect(readdirSync(folder.path)).toEqual(['emulator.json', 'tls.json']);
    folder.remove();
  });
});

/** A broker, which accepts TLS with the CA of the description. */
async function answersAt({ mqtt, mqtts, ca }: StackDescription): Promise<void> {
  const socket = connect(Number(new URL(mqtt).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
  const overTls = connectOverTls({
    port: Number(new URL(mqtts).port),
    host: '127.0.0.1',
    ca: readFileSync(ca),
  });
  await once(overTls, 'secureConnect');
  overTls.destroy();
}

/** Connects to the first endpoint as a browser does, types, and reads what the shell answers. */
async function worksInShell(
  running: LocalStack,
  url: string,
  tls: { ca?: Buffer } = {},
): Promise<void> {
  const [endpoint] = (await (await running.fetch(ENDPOINTS, 'operator')).json()) as {
    id: string;
  }[];
  const path = `/service/remoteaccess/client/1001/configurations/${endpoint!.id}`;
  // A ticket is valid at the origin that issued it.
  const headers = { authorization: running.authorization('operator') };
  const answer = await call(`${url}${path}/tickets`, { ...tls, method: 'POST', headers });
  const { ticket } = (await json(answer)) as { ticket: string };
  const client = await TerminalClient.open(
    `${url.replace(/^http/, 'ws')}${path}?ticket=${ticket}`,
    tls,
  );
  await client.reaches('open');
  expect(await client.message('host-key')).toMatchObject({ state: 'known' });
  client.resize(91, 33);
  client.type('echo "<$((6 * 7)) $(stty size)>"\r');
  await client.reads('<42 33 91>');
  client.type("printf '[%s]\\n' 'čšž € 漢字 😀'\r");
  await client.reads('[čšž € 漢字 😀]');
  client.type('exit\r');
  await client.closed();
}

async function addEndpoint(running: LocalStack, name: string): Promise<{ id: string }> {
  const body = { name, hostname: '127.0.0.1', port: 22, protocol: 'PASSTHROUGH' };
  const response = await running.fetch(ENDPOINTS, 'engineer', {
    method: 'POST',
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(201);
  return (await response.json()) as { id: string };
}

async function addTenantOption(running: LocalStack, index: number): Promise<number> {
  const body = { category: 'kept', key: `number-${index}`, value: 'x'.repeat(10_000) };
  const init = { method: 'POST', body: JSON.stringify(body) };
  return (await running.fetch('/tenant/options', 'admin', init)).status;
}

/** Uses Node's own client, because `fetch` accepts no CA. */
async function call(url: string, options: RequestOptions): Promise<IncomingMessage> {
  const send = url.startsWith('https:') ? requestOverTls : requestPlain;
  const request = send(url, { ...options, agent: false }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}
