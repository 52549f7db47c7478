// A WebSocket that returns what it gets, behind the same ingress as the product: the peer of
// `npm run bench -- resume`. Ingress and echo are a process each, as the product's are.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Emulator } from '@remote-access/emulator';
import { WebSocketServer } from 'ws';

const PATH = '/service/remoteaccess/echo';

export interface EchoPeer {
  /** Of the echo itself, and of the way through the ingress. */
  readonly direct: string;
  readonly behindIngress: string;
  stop(): Promise<void>;
}

/** Starts the peer; the echo is in this process's child. */
export async function startEchoPeer(): Promise<EchoPeer> {
  const echo = fork(__filename, ['echo']);
  const ingress = fork(__filename, ['ingress']);
  const [port] = (await once(echo, 'message')) as [number];
  ingress.send(port);
  const [url] = (await once(ingress, 'message')) as [string];
  return {
    direct: `ws://127.0.0.1:${port}`,
    behindIngress: url.replace(/^http/, 'ws') + PATH,
    async stop() {
      const over = [echo, ingress].map(child => once(child, 'exit'));
      for (const child of [echo, ingress]) child.kill();
      await Promise.all(over);
    },
  };
}

async function beEcho(): Promise<void> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  server.on('connection', socket => socket.on('message', data => socket.send(data as Buffer)));
  await once(server, 'listening');
  process.send!((server.address() as AddressInfo).port);
}

async function beIngress(): Promise<void> {
  const emulator = await Emulator.start({ password: 'bench' });
  const [port] = (await once(process, 'message')) as [number];
  emulator.routeMicroservice(`http://127.0.0.1:${port}`);
  process.send!(emulator.url);
}

if (require.main === module) {
  void (process.argv[2] === 'echo' ? beEcho() : beIngress());
}
