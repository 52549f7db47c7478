// A relay with which `npm run bench -- relay` compares ours, in a separate process. It joins any
// two connections: `ws` forwards message by message, as a naive implementation would, and `pipe`
// forwards plain TCP.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { once } from 'node:events';
import { WebSocketServer, type WebSocket } from 'ws';

/** A session with messages of 64 KiB has a few of them in flight. */
const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

function joinMessages(server: Server): void {
  const sockets = new WebSocketServer({
    server: server as ReturnType<typeof createHttpServer>,
    perMessageDeflate: false,
    maxPayload: MAX_PAYLOAD_BYTES,
  });
  let first: WebSocket | undefined;
  sockets.on('connection', second => {
    if (!first) {
      first = second;
      return;
    }
    const other = first;
    first = undefined;
    other.on('message', data => second.send(data as Buffer));
    second.on('message', data => other.send(data as Buffer));
  });
}

function joinPipes(server: Server): void {
  let first: Socket | undefined;
  server.on('connection', (second: Socket) => {
    second.setNoDelay();
    second.on('error', () => undefined);
    if (!first) {
      first = second;
      return;
    }
    first.pipe(second).pipe(first);
    first = undefined;
  });
}

async function main(): Promise<void> {
  const isPipe = process.argv[2] === 'pipe';
  const server: Server = isPipe ? createServer() : createHttpServer();
  if (isPipe) joinPipes(server);
  else joinMessages(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send!((server.address() as AddressInfo).port);
  process.once('disconnect', () => process.exit());
}

void main();
