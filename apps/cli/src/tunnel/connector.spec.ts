import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Endpoint, SUBPROTOCOLS } from '@remote-access/contracts';
import { FramedConnection, switchingProtocols } from '@remote-access/relay';
import { Secret } from '@remote-access/settings';
import { WebSocketDuplex } from '@remote-access/streams';
import { waitUntil } from '@remote-access/testkit';
import { YAMUX_PROPOSAL, YamuxSession } from '@remote-access/yamux';
import type { Gateway } from '../directory/gateway-directory';
import type { Questions } from '../output/questions';
import type { PlatformClient } from '../platform/platform-client';
import { Connector } from './connector';
import { Forwarder } from './forwarder';
import { Notice } from './ticket-client';

/** A service whose sessions behave as the test says. */
class FakeService {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly http: Server) {}

  static async start(serve: (session: FramedConnection) => void): Promise<FakeService> {
    const http = createServer();
    const service = new FakeService(http);
    http.on('connection', socket => {
      service.sockets.add(socket);
      socket.once('close', () => service.sockets.delete(socket));
      socket.on('error', () => socket.destroy());
    });
    http.on('upgrade', ({ headers }: IncomingMessage, socket: Duplex, head: Buffer) => {
      const protocol = SUBPROTOCOLS.v1;
      socket.write(switchingProtocols(headers['sec-websocket-key'] ?? '', protocol));
      serve(
        new FramedConnection(socket, {
          role: 'server',
          protocol,
          head,
          maxMessageBytes: 1_000_000,
        }),
      );
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return service;
  }

  get connections(): number {
    return this.sockets.size;
  }

  connector(): Connector {
    const client = {
      url: `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`,
      account: { authorization: new Secret('Bearer x'), expiresAt: undefined, canRenew: false },
      json: () => Promise.resolve({ ticket: 't' }),
    } as unknown as PlatformClient;
    const notice = new Notice({} as Questions, true);
    const gateway = { id: '1', sharesSessions: true } as Gateway;
    const endpoint = { id: '2', protocol: 'PASSTHROUGH' } as Endpoint;
    return new Connector(client, gateway, endpoint, notice, () => undefined);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.http.close();
    await once(this.http, 'close');
  }
}

/** An agent that agrees to many streams, and returns what it receives on each. */
function echoStreams(session: FramedConnection): void {
  session.send(JSON.stringify({ type: 'status', step: 'open', elapsedMs: 1 }));
  const stream = new WebSocketDuplex(session, { onText: () => undefined });
  stream.on('error', () => undefined);
  stream.once('data', (proposal: Buffer) => {
    stream.pause();
    stream.write(YAMUX_PROPOSAL);
    new YamuxSession(
      stream,
      { role: 'server', onStream: one => one.on('error', () => undefined).pipe(one) },
      proposal.subarray(YAMUX_PROPOSAL.length),
    );
  });
}

let service: FakeService;
afterEach(() => service.stop());

it('opens further shared sessions if more connections wait than one can carry', async () => {
  let sessions = 0;
  service = await FakeService.start(session => {
    sessions += 1;
    echoStreams(session);
  });
  const connector = service.connector();
  connector.share(true);
  const channels = await Promise.all(Array.from({ length: 150 }, () => connector.open()));
  const echoes = await Promise.all(
    channels.map(async ({ stream }, index) => {
      stream.on('error', () => undefined);
      stream.write(String(index));
      const [echo] = (await Promise.race([once(stream, 'data'), once(stream, 'close')])) as [
        Buffer,
      ];
      return String(echo);
    }),
  );
  expect(echoes).toEqual(Array.from({ length: 150 }, (_, index) => String(index)));
  expect(sessions).toBe(3);
  await connector.close();
});

it('ends open connections without a failure when it is stopped', async () => {
  service = await FakeService.start(echoStreams);
  const connector = service.connector();
  connector.share(true);
  const closed: unknown[] = [];
  const forwarder = await Forwarder.start(
    connector,
    { port: 0 },
    { onClosed: (_connection, _traffic, failure) => void closed.push(failure) },
  );
  const program = connect(forwarder.port, '127.0.0.1').on('error', () => undefined);
  program.write('hello');
  await once(program, 'data');
  await forwarder.stop();
  expect(closed).toEqual([undefined]);
  program.destroy();
});

it('gives up, without a failure, what it is opening when it is stopped', async () => {
  service = await FakeService.start(() => undefined);
  const closed: unknown[] = [];
  const forwarder = await Forwarder.start(
    service.connector(),
    { port: 0 },
    { onClosed: (_connection, _traffic, failure) => void closed.push(failure) },
  );
  const program = connect(forwarder.port, '127.0.0.1').on('error', () => undefined);
  await waitUntil('the session is being opened', () => service.connections === 1);
  await forwarder.stop();
  await waitUntil('the connection to the service ended', () => service.connections === 0);
  expect(closed).toEqual([undefined]);
  program.destroy();
});
