import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { MisreadingAgent } from '../../fixtures/misreading-agent';
import { RawDevice, Received } from '../../fixtures/raw-device';
import { rawUpgrade } from '../../fixtures/raw-upgrade';
import { basic, Stack } from '../../fixtures/stack';
import { TerminalClient } from '../../fixtures/terminal-client';
import { ForeignProgram } from './compatibility';

const DEVICE = '1002';

/** cumulocity-agents-linux loses bytes of longer ones. */
const MAX_MESSAGE_BYTES = 16 * 1024;

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

// The behaviours of agents that cannot be installed here, one by one: thin-edge.io,
// cumulocity-agents-linux and the Java driver.
describe('agents that behave differently', () => {
  const agents = new ForeignProgram(
    'Behaviour of other agents',
    'none, imitated: thin-edge.io, cumulocity-agents-linux, the Java driver',
    'raw gateways that do what these are known to do',
  );
  let stack: Stack;
  let device: RawDevice;
  let id: string;

  beforeAll(async () => {
    stack = await Stack.start({ agent: false });
    device = new RawDevice(stack);
    const body = {
      name: 'Target',
      hostname: '10.0.0.1',
      port: 22,
      protocol: 'PASSTHROUGH',
    } as const;
    ({ id } = await stack.addEndpoint(body, DEVICE));
  });
  afterAll(() => stack.stop());

  const connect = async (): Promise<TerminalClient> => {
    const path = stack.clientPath(id, DEVICE);
    const url = stack.webSocketUrl(path);
    return TerminalClient.open(url, { headers: { authorization: basic('operator') } });
  };

  /** A session through an agent that reports when it chooses to. */
  const serve = async (
    report: (operationId: string, when: 'before' | 'after' | 'end') => Promise<void>,
  ): Promise<void> => {
    const client = await connect();
    const operation = await device.pending();
    await report(operation.id, 'before');
    const received = await device.dial(operation.c8y_RemoteAccessConnect!.connectionKey);
    await report(operation.id, 'after');
    received.send(Buffer.from('hello'));
    await client.reads('hello');
    client.type('answer');
    expect(String(await received.has(6))).toBe('answer');
    client.disconnect();
    await received.closed();
    await report(operation.id, 'end');
    await client.closed();
    await waitUntil(
      'the end of the operation',
      async () => {
        const { status } = await device.operation(operation.id);
        return status === 'SUCCESSFUL' || status === 'FAILED';
      },
      30_000,
    );
  };

  agents.can('may report SUCCESSFUL before they are connected', async () => {
    await serve(async (operation, when) => {
      if (when !== 'before') return;
      await device.report(operation, 'EXECUTING');
      await device.report(operation, 'SUCCESSFUL');
    });
    return undefined;
  });

  agents.can('may report SUCCESSFUL when the session is over', async () => {
    await serve(async (operation, when) => {
      if (when === 'before') await device.report(operation, 'EXECUTING');
      if (when === 'end') await device.report(operation, 'SUCCESSFUL');
    });
    return undefined;
  });

  agents.can('may report SUCCESSFUL twice', async () => {
    await serve(async (operation, when) => {
      if (when === 'before') await device.report(operation, 'EXECUTING');
      if (when === 'after') {
        await device.report(operation, 'SUCCESSFUL');
        await device.report(operation, 'SUCCESSFUL').catch(() => undefined);
      }
    });
    return undefined;
  });

  agents.can('may never report anything; the service fails the operation then', async () => {
    await serve(() => Promise.resolve());
    return undefined;
  });

  agents.can('may end with the text frame "## Shutdown ##"', async () => {
    const client = await connect();
    const { received } = await device.serve();
    received.send(Buffer.from('last'));
    received.socket.send('## Shutdown ##');
    await client.closed();
    expect(client.text).toBe('last');
    expect(await client.message('ended')).toMatchObject({ by: 'target', code: 'normal' });
    return undefined;
  });

  agents.can('are ended with the reason when they send another text frame', async () => {
    const client = await connect();
    const { received } = await device.serve();
    received.socket.send('hello');
    expect((await client.message('error')).code).toBe('gateway-protocol');
    await received.closed();
    return `close code ${received.code}`;
  });

  agents.can('may send pings without a payload, and get a pong without one', async () => {
    const client = await connect();
    const { received } = await device.serve();
    const pong = new Promise<Buffer>(resolve => received.socket.once('pong', resolve));
    received.socket.ping();
    expect(await pong).toHaveLength(0);
    client.disconnect();
    await client.closed();
    return undefined;
  });

  agents.can('may send a Sec-WebSocket-Key of an invalid length if a setting says so', async () => {
    await stack.changeSettings({ malformedKeys: true });
    const client = await connect();
    const operation = await device.pending();
    await device.report(operation.id, 'EXECUTING');
    const { connectionKey } = operation.c8y_RemoteAccessConnect!;
    const key = { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAAAAA' };
    const accepted = await rawUpgrade(
      stack.emulator.url,
      `/service/remoteaccess/device/${connectionKey}`,
      { ...key, Authorization: basic(device.user) },
    );
    expect(accepted.status).toBe(101);
    accepted.socket.destroy();
    await client.closed();
    const refused = await rawUpgrade(stack.emulator.url, stack.clientPath(id, DEVICE), {
      ...key,
      Authorization: basic('operator'),
    });
    expect(refused.status).toBe(400);
    refused.socket.destroy();
    return undefined;
  });

  agents.can('get no message longer than 16 KiB, whatever the client sends', async () => {
    const client = await connect();
    const { received } = await device.serve();
    let longest = 0;
    received.socket.on('message', (data: Buffer) => (longest = Math.max(longest, data.length)));
    const sent = randomBytes(1_000_000);
    client.socket.send(sent);
    expect(sha256(await received.has(sent.length))).toBe(sha256(sent));
    expect(longest).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    client.disconnect();
    await client.closed();
    return `longest message ${longest} bytes`;
  });

  agents.can('carry 10 MB both ways although they lose frames of 32 KiB and more', async () => {
    const url = stack.webSocketUrl(stack.clientPath(id, DEVICE));
    const client = new Received(
      new WebSocket(url, {
        perMessageDeflate: false,
        headers: { authorization: basic('operator') },
      }),
    );
    await once(client.socket, 'open');
    const { id: operation, c8y_RemoteAccessConnect: connect } = await device.pending();
    await device.report(operation, 'EXECUTING');
    const key = connect!.connectionKey;
    const agent = await MisreadingAgent.dial(stack.emulator.url, key, device.user);
    await device.report(operation, 'SUCCESSFUL');
    const [up, down] = [randomBytes(10_000_000), randomBytes(10_000_000)];
    // Messages of the lengths that it misreads.
    for (let at = 0; at < up.length; at += 40_000) client.send(up.subarray(at, at + 40_000));
    agent.send(down);
    expect(sha256(await client.has(down.length, 60_000))).toBe(sha256(down));
    expect(sha256(await agent.has(up.length))).toBe(sha256(up));
    await client.leave();
    agent.close();
    return '10 MB each way, sha256 equal';
  });

  agents.can('may close before a byte although they reported SUCCESSFUL', async () => {
    const client = await connect();
    const { received } = await device.serve();
    received.socket.close();
    await client.closed();
    const { by, text } = await client.message('ended');
    expect(by).toBe('target');
    return `the client is told: ${text}`;
  });
});
