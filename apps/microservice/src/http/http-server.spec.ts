import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeouts } from './http-server';

const SHORT = { headersMs: 40, requestMs: 80, checkMs: 10 };

let server: Server;
const open: Socket[] = [];
beforeEach(async () => {
  server = createServer((request, response) => request.on('end', () => response.end()).resume());
  setTimeouts(server, SHORT);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
  server.close();
});

async function send(text: string): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  open.push(socket);
  await once(socket, 'connect');
  socket.write(text);
  socket.on('error', () => undefined);
  socket.resume();
  return socket;
}

describe('a connection', () => {
  it.each([
    ['sends nothing', ''],
    ['does not finish its headers', 'POST / HTTP/1.1\r\nHost: a\r\n'],
    ['does not finish its body', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx'],
  ])('that %s is closed', async (_what, text) => {
    await once(await send(text), 'close');
  });

  it('that was upgraded outlives the deadlines of requests', async () => {
    server.on('upgrade', (_request, socket) => socket.write('HTTP/1.1 101 Upgraded\r\n\r\n'));
    const upgraded = await send(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    // The later connection is closed; the earlier one is not.
    await once(await send(''), 'close');
    await once(await send('POST / HTTP/1.1\r\n'), 'close');
    expect(upgraded.closed).toBe(false);
  });
});
