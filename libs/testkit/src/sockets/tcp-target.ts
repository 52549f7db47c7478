import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpTarget {
  readonly port: number;
  /** All connections so far, including closed ones. */
  readonly connections: readonly Socket[];
  stop(): Promise<void>;
}

/**
 * A TCP server on loopback. By default it echoes.
 *
 * @param serve handles each connection, which may be half-open
 * @param port a free port by default
 */
export async function tcpTarget(
  serve: (socket: Socket) => void = socket => socket.pipe(socket),
  port = 0,
): Promise<TcpTarget> {
  const connections: Socket[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    connections.push(socket);
    // Tests cut connections on purpose and check the other end.
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    stop: async () => {
      server.close();
      for (const socket of connections) socket.destroy();
      await once(server, 'close');
    },
  };
}

/**
 * Above the ports of `npm start` (tools/stack/loopback-ports.mjs) and below those for outgoing
 * connections (ip_local_port_range of Linux, RFC 6335): an outgoing connection could take a port
 * before the server that it was found for listens on it.
 */
const CLOSED_PORTS = { from: 26_000, to: 32_767 };

const ATTEMPTS = 20;

/** Finds a port on loopback that nothing listens on. */
export async function closedPort(): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const target = await tcpTarget(undefined, randomInt(CLOSED_PORTS.from, CLOSED_PORTS.to + 1));
      await target.stop();
      return target.port;
    } catch (taken) {
      if (attempt === ATTEMPTS) throw taken;
    }
  }
}

/** Whether a port on loopback accepts connections. */
export function isListening(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/**
 * A man in the middle that changes what a server sends.
 *
 * @param inject receives each chunk from the server and returns its replacement
 */
export function injectingProxy(
  serverPort: number,
  inject: (chunk: Buffer, index: number) => Buffer,
): Promise<TcpTarget> {
  return tcpTarget(clientSide => {
    const serverSide = connect(serverPort, '127.0.0.1');
    let index = 0;
    clientSide.pipe(serverSide);
    serverSide.on('data', (chunk: Buffer) => {
      clientSide.write(inject(chunk, index));
      index += 1;
    });
    serverSide.on('error', () => clientSide.destroy());
    serverSide.once('close', () => clientSide.end());
    clientSide.once('close', () => serverSide.destroy());
  });
}
