import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { closedPort, tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import type { Endpoint } from '@remote-access/contracts';
import { RawDevice } from '../../fixtures/raw-device';
import { PASSWORD, Stack } from '../../fixtures/stack';
import { figures, ForeignProgram, IS_FULL } from './compatibility';

const run = promisify(execFile);
const ROOT = join(__dirname, '..', '..', '..');
const PYTHON = join(ROOT, '.cache', 'python', 'bin', 'python');

const DEVICE = '1002';

const BYTES = IS_FULL ? 100_000_000 : 10_000_000;

/** It pings every 10 s and gives up after 7 s without a pong. */
const IDLE_MS = IS_FULL ? 30_000 : 12_000;

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('c8ydp', () => {
  const c8ydp = new ForeignProgram('c8ydp', '1.1.1', 'a gateway: makes the tunnels of c8ydm');
  let stack: Stack;
  let agent: ChildProcess;
  let device: RawDevice;
  let target: TcpTarget | undefined;

  beforeAll(async () => {
    await run(process.execPath, [join(ROOT, 'tools', 'interop-programs', 'python-packages.mjs')]);
    stack = await Stack.start({ agent: false });
    device = new RawDevice(stack);
    agent = spawn(PYTHON, [join(__dirname, 'c8ydp-agent.py')], {
      env: {
        C8Y_BASEURL: stack.emulator.url,
        DEVICE_USER: 't1001/device_gw-2',
        DEVICE_PASSWORD: PASSWORD,
        DEVICE_ID: DEVICE,
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(agent.stdout!, 'data');
  }, 240_000);
  afterEach(async () => {
    await target?.stop();
    target = undefined;
  });
  afterAll(async () => {
    agent.kill('SIGKILL');
    await stack.stop();
  });

  const addEndpoint = (name: string, port: number): Promise<Endpoint> =>
    stack.addEndpoint({ name, hostname: '127.0.0.1', port, protocol: 'PASSTHROUGH' }, DEVICE);

  c8ydp.can('carries bytes in both directions', async () => {
    target = await tcpTarget();
    const { id } = await addEndpoint('Echo', target.port);
    const client = await stack.connectRaw(id, 'operator', DEVICE);
    const sent = randomBytes(BYTES);
    const got: Buffer[] = [];
    let length = 0;
    client.on('message', (chunk: Buffer) => {
      got.push(chunk);
      length += chunk.length;
    });
    const startedAt = performance.now();
    for (let at = 0; at < sent.length; at += 16_384) client.send(sent.subarray(at, at + 16_384));
    await waitUntil('the whole echo', () => length >= sent.length, 200_000);
    const note = figures(BYTES, startedAt);
    client.close();
    await once(client, 'close');
    expect(sha256(Buffer.concat(got))).toBe(sha256(sent));
    return note;
  });

  c8ydp.can('delivers the last bytes of a server that closes, before its text frame', async () => {
    const last = randomBytes(500_000);
    target = await tcpTarget(socket => socket.end(last));
    const { id } = await addEndpoint('Brief', target.port);
    const client = await stack.connectRaw(id, 'operator', DEVICE);
    const got: Buffer[] = [];
    client.on('message', (chunk: Buffer) => got.push(chunk));
    const [code] = (await once(client, 'close')) as [number];
    expect(sha256(Buffer.concat(got))).toBe(sha256(last));
    expect(code).toBe(1000);
    return undefined;
  });

  c8ydp.can('tells the client when nothing listens at the endpoint', async () => {
    const { id } = await addEndpoint('Closed', await closedPort());
    const client = await stack.connectRaw(id, 'operator', DEVICE);
    const [code, reason] = (await once(client, 'close')) as [number, Buffer];
    expect(code).toBeGreaterThan(4000);
    return `close code ${code}: ${reason.toString()}`;
  });

  c8ydp.can('keeps a session open in which nobody sends anything', async () => {
    target = await tcpTarget();
    const { id } = await addEndpoint('Quiet', target.port);
    const client = await stack.connectRaw(id, 'operator', DEVICE);
    let answers = 0;
    const startedAt = performance.now();
    await waitUntil(
      'more than a period of its pings',
      () => performance.now() - startedAt > IDLE_MS,
      2 * IDLE_MS,
    );
    client.on('message', () => (answers += 1));
    client.send(Buffer.from('still'));
    await waitUntil('the echo', () => answers > 0);
    client.close();
    await once(client, 'close');
    return `${IDLE_MS / 1000} s`;
  });

  c8ydp.can('leaves no operation PENDING or EXECUTING', async () => {
    await waitUntil('the end of all operations', async () => {
      const operations = await device.operations();
      return operations.every(({ status }) => status === 'SUCCESSFUL' || status === 'FAILED');
    });
    return undefined;
  });
});
