import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpTarget {
  readonly port: number;
  /** Connections so far, the open and the closed ones. */
  readonly connections: readonly Socket[];
  stop(): Promise<void>;
}

/**
 * A TCP server on loopback that does what a test says; by default it echoes.
 *
 * @param serve gets each connection; it may be half-open
 */
export async function tcpTarget(
  serve: (socket: Socket) => void = socket => socket.pipe(socket),
): Promise<TcpTarget> {
  const connections: Socket[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    connections.push(socket);
    // The other end of a test may be cut on purpose; the test looks at that end.
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
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

/** A port on loopback that nothing listens on. */
export async function closedPort(): Promise<number> {
  const target = await tcpTarget();
  await target.stop();
  return target.port;
}
