import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Secret } from '@remote-access/settings';
import { waitUntil } from '@remote-access/testkit';
import type { Log } from '../logging/log';
import { Broker } from './broker';
import { ClusterKeys } from './cluster-keys';

const KEYS = new ClusterKeys({
  tenant: 'management',
  user: 'service',
  password: new Secret('password'),
});
const LOG = { info: jest.fn(), warn: jest.fn(), error: jest.fn() } as unknown as Log;
const INFO = {
  server_id: 'one',
  version: '2.10.0',
  proto: 1,
  max_payload: 1_048_576,
  headers: true,
};

/** Speaks as much of the protocol of NATS as a client needs to connect. */
class HangingNats {
  /** Whether it answers. */
  answers = true;
  received = '';
  readonly sockets: Socket[] = [];

  private constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.sockets.push(socket);
      socket.on('error', () => undefined);
      socket.write(`INFO ${JSON.stringify(INFO)}\r\n`);
      socket.on('data', (chunk: Buffer) => {
        const text = chunk.toString('latin1');
        this.received += text;
        const pings = text.match(/PING\r\n/g) ?? [];
        if (this.answers) socket.write('PONG\r\n'.repeat(pings.length));
      });
    });
  }

  static async start(): Promise<HangingNats> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HangingNats(server);
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await once(this.server.close(), 'close');
  }
}

let nats: HangingNats;
let broker: Broker;

beforeEach(async () => {
  nats = await HangingNats.start();
  broker = new Broker({ servers: [nats.address], isEncrypted: false } as never, KEYS, LOG);
  broker.start();
  await waitUntil('it is connected', () => broker.isConnected);
});
afterEach(async () => {
  await broker.stop();
  await nats.stop();
});

it('knows what was announced once it is flushed', async () => {
  broker.serve('key.one', () => null);
  await broker.flush();
  expect(nats.received).toContain('SUB cloud-remote-access.key.one');
});

it('delays nobody who announces something while it hangs', async () => {
  nats.answers = false;
  broker.serve('key.one', () => null);
  await broker.flush();
  expect(broker.isConnected).toBe(true);
});

it('says once that it has lost the connection', async () => {
  const lost = jest.fn();
  broker.onLost(lost);
  nats.sockets[0]!.destroy();
  await waitUntil('it is lost', () => lost.mock.calls.length > 0);
  await waitUntil('it is connected again', () => broker.isConnected);
  expect(lost).toHaveBeenCalledTimes(1);
});

it('survives a message that cannot be handled', async () => {
  const handled: unknown[] = [];
  broker.subscribe('presence', message => {
    handled.push(message);
    if (handled.length === 1) throw new RangeError('Invalid time value');
  });
  await broker.flush();
  const subject = 'cloud-remote-access.presence';
  const [, id] = /SUB cloud-remote-access\.presence (\d+)/.exec(nats.received)!;
  for (const message of ['one', 'two']) {
    const sealed = Buffer.from(KEYS.seal(subject, message));
    const head = `MSG ${subject} ${id} ${sealed.length}\r\n`;
    nats.sockets[0]!.write(Buffer.concat([Buffer.from(head), sealed, Buffer.from('\r\n')]));
  }
  await waitUntil('both are handled', () => handled.length === 2);
  expect([handled, broker.isConnected]).toEqual([['one', 'two'], true]);
});
