import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Emulator } from '@remote-access/emulator';
import { waitUntil } from '@remote-access/testkit';
import { basic } from '../fixtures/stack';

const PASSWORD = 'remote-access';
const DEVICE = '1001';

describe.each([
  ['the local platform', false],
  ['the local platform with required roles', true],
])("@c8y/client's real time against %s", (_name, asHosted) => {
  let emulator: Emulator;
  let client: ChildProcess;
  let printed = '';

  beforeAll(async () => {
    emulator = await Emulator.start({ password: PASSWORD, asHosted });
    const program = join(__dirname, 'c8y-client-realtime.mjs');
    client = spawn(process.execPath, [program, emulator.url, PASSWORD, DEVICE], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [client.stdout, client.stderr]) {
      stream!.on('data', chunk => (printed += String(chunk)));
    }
  });
  afterAll(async () => {
    if (client.exitCode === null) client.kill('SIGKILL');
    await emulator.stop();
  });

  const call = async (path: string, method: string, body: object): Promise<{ id: string }> => {
    const headers = { authorization: basic('admin'), 'content-type': 'application/json' };
    const init = { method, headers, body: JSON.stringify(body) };
    const answer = await fetch(`${emulator.url}/devicecontrol/operations${path}`, init);
    return (await answer.json()) as { id: string };
  };
  const prints = (text: string): Promise<void> =>
    waitUntil(`"${text}" in ${printed}`, () => printed.includes(text));

  it('connects, is notified of an operation and of its end, and leaves', async () => {
    await prints('handshake true');
    // It does not show whether it has subscribed: the first operation that it sees counts.
    let id = '';
    await waitUntil('an operation is seen', async () => {
      ({ id } = await call('', 'POST', { deviceId: DEVICE, c8y_Restart: {} }));
      return printed.includes('CREATE PENDING');
    });
    await call(`/${id}`, 'PUT', { status: 'EXECUTING' });
    await prints('UPDATE EXECUTING');
    client.send('leave');
    if (client.exitCode === null) await once(client, 'exit');
    expect(client.exitCode).toBe(0);
  });
});
