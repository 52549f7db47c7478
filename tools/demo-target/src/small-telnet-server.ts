import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { TelnetServer } from '@remote-access/telnet';
import { OldController } from './old-controller';

/** The Telnet server on loopback behind the endpoint "Old controller". */
export interface ControllerTarget {
  /** The description that `npm start` prints. */
  readonly kind: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** A client that does not read is disconnected when more than this is unsent. */
const MAX_UNSENT_BYTES = 256 * 1024;

/** Serves the controller on machines without telnetd. Listens on loopback only. */
export async function startSmallTelnetServer(): Promise<ControllerTarget> {
  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true }, socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    kind: 'an imitation of a press controller (this machine has no telnetd)',
    port: (listener.address() as AddressInfo).port,
    stop: async () => {
      const closed = once(listener, 'close');
      listener.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function serve(socket: Socket): void {
  let size = { cols: 80, rows: 24 };
  let type = 'unknown';
  const decoder = new StringDecoder('utf8');
  const telnet = new TelnetServer({
    typed: bytes => controller.typed(decoder.write(Buffer.from(bytes)).replaceAll('\r\n', '\r')),
    send: bytes => {
      if (socket.writableLength > MAX_UNSENT_BYTES) socket.destroy();
      if (socket.writable) socket.write(bytes);
    },
    sizeIs: told => {
      size = { cols: told.cols || size.cols, rows: told.rows || size.rows };
      controller.resized();
    },
    terminalTypeIs: name => (type = name.toLowerCase()),
    breakReceived: () => controller.broken(),
  });
  telnet.start();
  const controller = new OldController({
    write: text => telnet.show(Buffer.from(text)),
    size: () => size,
    type: () => type,
    hangUp: () => socket.end(),
  });
  socket.on('data', (chunk: Buffer) => {
    try {
      telnet.receive(chunk);
    } catch (cause) {
      socket.destroy(cause as Error);
    }
  });
  // A client may disconnect at any time; `close` follows.
  socket.on('error', () => socket.destroy());
  socket.once('close', () => controller.stop());
}
