import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FetchedHostKeys } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import { startSshd, tcpTarget, temporaryFolder, type Sshd } from '@remote-access/testkit';
import { GATEWAY, Stack } from '../fixtures/stack';
import { RawDevice } from '../fixtures/raw-device';

const SERVICE = '/service/remoteaccess';

let stack: Stack;
let sshd: Sshd;

beforeAll(async () => {
  [stack, sshd] = await Promise.all([
    Stack.start(),
    startSshd({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] }),
  ]);
  // The operation timeout is the shortest that can be set.
  const settings = {
    enabled: true,
    hostKeyAutosave: false,
    operationTimeoutSeconds: 5,
    idleTimeoutMs: 3_600_000,
    maxDurationSeconds: 0,
    notice: null,
  };
  await stack.json(`${SERVICE}/settings`, {
    method: 'PUT',
    user: 'admin',
    body: JSON.stringify(settings),
  });
}, 30_000);
afterAll(async () => {
  await stack.stop();
  await sshd.stop();
}, 15_000);

async function fetched(
  body: object,
  { user = 'engineer', device = GATEWAY } = {},
): Promise<{ status: number; body: any }> {
  const response = await stack.fetch(`${SERVICE}/devices/${device}/host-keys/fetch`, {
    method: 'POST',
    user,
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const at = (port: number) => ({ hostname: '127.0.0.1', port });

async function operations(device = GATEWAY): Promise<Operation[]> {
  const path = `/devicecontrol/operations?deviceId=${device}&pageSize=1000`;
  return (await stack.json<{ operations: Operation[] }>(path)).operations;
}

/** ssh-keygen's description of a line: `256 SHA256:… comment (ED25519)`. */
function toldByKeygen(folder: string, line: string, hash: string): string[] {
  const file = join(folder, 'key.pub');
  writeFileSync(file, `${line}\n`);
  const text = execFileSync('ssh-keygen', ['-l', '-v', '-E', hash, '-f', file], {
    encoding: 'utf8',
  });
  return text.trimEnd().split('\n');
}

it('returns one key of each type, as ssh-keygen describes it', async () => {
  const before = (await operations()).length;
  const { status, body } = await fetched(at(sshd.port));
  expect(status).toBe(200);
  const { hostKeys } = body as FetchedHostKeys;
  const pinned = sshd.hostKeys.map(key => key.split(' ', 2).join(' '));
  expect(hostKeys.map(({ line }) => line).sort()).toEqual([...pinned].sort());
  const folder = temporaryFolder('host-keys');
  for (const key of hostKeys) {
    const [sha256Line = '', ...art] = toldByKeygen(folder.path, key.line, 'sha256');
    const [md5Line = ''] = toldByKeygen(folder.path, key.line, 'md5');
    expect(sha256Line).toMatch(new RegExp(`^${key.bits} .* \\(${key.algorithm}\\)$`));
    expect(sha256Line.split(' ')[1]).toBe(key.sha256);
    expect(md5Line.split(' ')[1]).toBe(key.md5);
    expect(key.randomart.split('\n')).toEqual(art);
  }
  folder.remove();
  // One connection per key, all of them finished.
  const made = (await operations()).slice(before);
  expect(made).toHaveLength(hostKeys.length);
  expect(made.map(one => one.status)).not.toContain('PENDING');
  expect(made.map(one => one.status)).not.toContain('FAILED');
  const { auditRecords } = await stack.json<{ auditRecords: object[] }>(
    `/audit/auditRecords?source=${GATEWAY}&pageSize=100`,
  );
  expect(auditRecords).toContainEqual(
    expect.objectContaining({
      activity: 'Remote access host keys fetched',
      user: 'engineer',
      text: expect.stringContaining(hostKeys[0]!.sha256) as string,
    }),
  );
});

it('returns keys that an endpoint can pin', async () => {
  const { hostKeys } = (await fetched(at(sshd.port))).body as FetchedHostKeys;
  const endpoint = await stack.addEndpoint({
    name: 'Pinned',
    ...at(sshd.port),
    protocol: 'SSH',
    credentialsType: 'KEY_PAIR',
    username: sshd.userName,
    privateKey: sshd.privateKey,
    hostKey: hostKeys.at(-1)!.line,
  });
  const client = await stack.connectTerminal(endpoint.id);
  expect(await client.message('host-key')).toMatchObject({ state: 'known' });
  client.disconnect();
  await client.closed();
});

describe('the message explains', () => {
  it('a closed port', async () => {
    const target = await tcpTarget(() => undefined);
    await target.stop();
    const { status, body } = await fetched(at(target.port));
    expect(status).toBe(502);
    expect(body).toMatchObject({ error: 'remoteaccess/gateway-refused' });
    expect(body.message).toMatch(/refused/i);
  });

  it('a name that the gateway does not know', async () => {
    const { status, body } = await fetched({ hostname: 'nowhere.invalid', port: 22 });
    expect({ status, body }).toMatchObject({
      status: 502,
      body: { error: 'remoteaccess/gateway-refused' },
    });
    expect(body.message).toContain('nowhere.invalid');
  });

  it('a server of another kind', async () => {
    const target = await tcpTarget(socket => socket.write('RFB 003.008\n'));
    const { status, body } = await fetched(at(target.port));
    expect({ status, body }).toMatchObject({
      status: 502,
      body: { error: 'remoteaccess/target-failed' },
    });
    expect(body.message).toContain('This is a VNC (RFB) server, not an SSH server.');
    await target.stop();
  });

  it('a gateway that is offline', async () => {
    const { status, body } = await fetched(at(22), { device: '1002' });
    expect({ status, body }).toMatchObject({
      status: 504,
      body: { error: 'remoteaccess/gateway-timeout' },
    });
    const [operation] = (await operations('1002')).slice(-1);
    expect(operation).toMatchObject({ status: 'FAILED' });
  }, 15_000);

  it("a refusal, with the gateway's own reason", async () => {
    const device = new RawDevice(stack);
    const answer = fetched(at(22), { device: '1002' });
    await device.report((await device.pending()).id, 'FAILED', 'not on my allow list');
    expect(await answer).toMatchObject({
      status: 502,
      body: { message: expect.stringContaining('not on my allow list') as string },
    });
  });

  it('a gateway that vanishes while it connects', async () => {
    const device = new RawDevice(stack);
    const answer = fetched(at(22), { device: '1002' });
    const { socket } = await device.serve();
    socket.terminate();
    expect(await answer).toMatchObject({ status: 502 });
  });

  it.each([
    [{ hostname: '0.0.0.0', port: 22 }, 'hostname is the unspecified address'],
    [
      { hostname: 'a\r\nb', port: 22 },
      'hostname must not contain line breaks or control characters',
    ],
    [{ hostname: 'h', port: 0 }, 'port must be a whole number from 1 to 65535'],
    [{ hostname: 'h', port: 22, legacyAlgorithms: 1 }, 'legacyAlgorithms must be true or false'],
  ])('%j', async (body, message) => {
    expect(await fetched(body)).toMatchObject({ status: 422, body: { message } });
  });
});

it('answers only users who may configure the gateway, and contacts no gateway for others', async () => {
  const before = (await operations()).length;
  const forbidden = await fetched(at(sshd.port), { user: 'operator' });
  expect(forbidden.status).toBe(403);
  expect((await fetched(at(sshd.port), { user: 't1002/admin' })).status).toBe(404);
  expect((await fetched(at(sshd.port), { device: '1003' })).status).toBe(422);
  expect((await operations()).length).toBe(before);
});
