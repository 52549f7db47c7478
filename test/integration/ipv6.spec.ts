import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { startAgent, type Agent } from '@remote-access/agent';
import { closedPort } from '@remote-access/testkit';
import { CommandLine } from '../fixtures/command-line';
import { Received } from '../fixtures/raw-device';
import { Stack } from '../fixtures/stack';

/** Servers that listen on IPv6 only. */
const servers: Server[] = [];
const sockets = new Set<Socket>();

const listen = async (serve: (socket: Socket) => void): Promise<number> => {
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  servers.push(server);
  server.listen(0, '::1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

/** Another address of a part of the platform. */
const alsoAt = (url: string): Promise<number> =>
  listen(socket => {
    const far = connect(Number(new URL(url).port), '127.0.0.1');
    socket.pipe(far).pipe(socket);
    socket.once('close', () => far.destroy());
    far.on('error', () => socket.destroy()).once('close', () => socket.destroy());
  });

describe.each(['rest', 'mqtt'] as const)('over IPv6 and %s', transport => {
  let stack: Stack;
  let agent: Agent | undefined;
  const stopping = new AbortController();
  let address: string;
  let commands: CommandLine;
  let echoPort: number;

  beforeAll(async () => {
    stack = await Stack.start({ agent: false, agentSettings: { transport } });
    const { url, mqttUrl } = stack.emulator;
    address = `http://[::1]:${await alsoAt(url)}`;
    commands = new CommandLine(address);
    agent = await startAgent(
      stack.settingsOfAgent({
        baseUrl: address,
        ...(mqttUrl !== undefined && { mqttUrl: `mqtt://[::1]:${await alsoAt(mqttUrl)}` }),
      }),
      { log: () => undefined, signal: stopping.signal },
    );
    echoPort = await listen(socket => socket.pipe(socket));
    stack.letReadIdentities('engineer');
  });
  afterAll(async () => {
    stopping.abort();
    await commands.remove();
    await agent?.stop();
    await stack.stop();
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) await once(server.close(), 'close');
  });

  it.each(['::1', '0:0:0:0:0:0:0:1'])('a session reaches the target %s', async hostname => {
    const { id } = await stack.addEndpoint({
      ...{ name: `At ${hostname}`, hostname, port: echoPort, protocol: 'PASSTHROUGH' },
    });
    const near = new Received(await stack.connectRaw(id));
    near.send(Buffer.from('hello'));
    expect(String(await near.has(5))).toBe('hello');
    await near.leave();
  });

  it('the address is named as it is, if nothing listens there', async () => {
    const port = await closedPort();
    const { id } = await stack.addEndpoint({
      ...{ name: 'Nobody', hostname: '::1', port, protocol: 'PASSTHROUGH' },
    });
    const near = new Received(await stack.connectRaw(id));
    await near.closed();
    expect(near.reason).toContain(`connection refused by [::1]:${port}`);
  });

  it('the command line signs in, lists and forwards', async () => {
    const { id } = await stack.addEndpoint({
      ...{ name: 'Echo', hostname: '::1', port: echoPort, protocol: 'PASSTHROUGH' },
    });
    const listed = await commands.json<{ id: string; hostname: string }[]>(['ls', 'gw-1']);
    expect(listed.find(one => one.id === id)).toMatchObject({ hostname: '::1' });
    const forward = commands.start(['forward', 'gw-1', 'Echo']);
    const socket = connect(await forward.port(), '127.0.0.1');
    socket.write('through the command line');
    expect(String((await once(socket, 'data'))[0])).toBe('through the command line');
    socket.destroy();
    expect((await forward.end()).code).toBe(0);
  });
});
