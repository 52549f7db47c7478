import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { MAX_SOCKET_PATH_BYTES } from '@remote-access/network';
import { splice } from '@remote-access/streams';
import { CliFailure } from '../failures/failure';
import type { Connector } from './connector';
import { isOwnUser } from './peer-user';
import { type Channel, Tunnel } from './tunnel';

/** Never another address: anyone who can connect to it can reach the endpoint. */
const LOOPBACK = '127.0.0.1';

export interface ForwarderEvents {
  onOpened?(connection: number): void;
  onClosed?(connection: number, traffic: Traffic, failure: CliFailure | undefined): void;
  onRefused?(failure: CliFailure): void;
}

export interface Traffic {
  /** Bytes sent to the endpoint. */
  readonly sent: number;
  /** Bytes received from the endpoint. */
  readonly received: number;
}

/** Where a forwarder listens: a local port, or the path of a socket or pipe. */
export type Place = { readonly port: number } | { readonly path: string };

/** Accepts local connections, and opens a session to the endpoint for each. */
export class Forwarder {
  private readonly open = new Map<number, Socket>();
  /** Connections that are joined with a session, until their end has been reported. */
  private readonly joined = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private closed: Traffic = { sent: 0, received: 0 };
  private count = 0;

  private constructor(
    private readonly connector: Connector,
    private readonly server: Server,
    private readonly place: Place,
    private readonly events: ForwarderEvents,
  ) {
    server.on('connection', socket => void this.serve(socket));
  }

  /** @throws {CliFailure} if it cannot listen there */
  static async start(
    connector: Connector,
    place: Place,
    events: ForwarderEvents = {},
  ): Promise<Forwarder> {
    if ('path' in place) checkLength(place.path);
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const forwarder = new Forwarder(connector, server, place, events);
    try {
      if ('path' in place) {
        const previous = process.umask(0o177);
        server.listen(place.path);
        process.umask(previous);
      } else {
        server.listen(place.port, LOOPBACK);
      }
      await once(server, 'listening');
    } catch (cause) {
      const { code = '' } = cause as NodeJS.ErrnoException;
      const where = 'path' in place ? place.path : `${LOOPBACK}:${place.port}`;
      const isTaken = code === 'EADDRINUSE';
      throw new CliFailure(
        'usage',
        `${where} cannot be used: ${isTaken ? 'it is in use' : code}.`,
        {
          cause,
          hint:
            'path' in place
              ? 'Choose another path, or remove the file if no program uses it.'
              : 'Choose another port, or none for a free one.',
        },
      );
    }
    return forwarder;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** `127.0.0.1:2222`, or the path. */
  get address(): string {
    return 'path' in this.place ? this.place.path : `${LOOPBACK}:${this.port}`;
  }

  get openCount(): number {
    return this.open.size;
  }

  /** The total so far. */
  get traffic(): Traffic {
    return [...this.open.values()].map(trafficOf).reduce(sum, this.closed);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    const closed = new Promise(resolve => this.server.close(resolve));
    for (const socket of this.open.values()) socket.destroy();
    // Their sessions end with them. A shared session that ended first would look like a failure.
    await Promise.all([closed, ...this.joined]);
    await this.connector.close();
    if ('path' in this.place && process.platform !== 'win32') {
      rmSync(this.place.path, { force: true });
    }
  }

  private async serve(socket: Socket): Promise<void> {
    // Until the socket is joined with a session, only its end matters.
    socket.on('error', () => socket.destroy());
    if ('port' in this.place && !isOwnUser(socket)) {
      socket.destroy();
      const text = 'Refused a connection from another user of this machine.';
      this.events.onRefused?.(new CliFailure('forbidden', text));
      return;
    }
    this.count += 1;
    const connection = this.count;
    this.open.set(connection, socket);
    try {
      const channel = await this.connector.open();
      if (socket.destroyed || this.stopping.signal.aborted) {
        channel.stream.destroy();
        this.finish(connection, socket, undefined);
      } else {
        this.events.onOpened?.(connection);
        const work = this.join(connection, socket, channel);
        this.joined.add(work);
        void work.finally(() => this.joined.delete(work));
      }
    } catch (cause) {
      const failure = cause instanceof CliFailure ? cause : unexpected(cause);
      this.finish(connection, socket, this.stopping.signal.aborted ? undefined : failure);
    }
  }

  private async join(connection: number, socket: Socket, channel: Channel): Promise<void> {
    await splice(socket, channel.stream, {
      names: ['client', 'tunnel'],
      gathers: true,
      // A WebSocket has no half-close.
      endOf: channel instanceof Tunnel ? 'both' : 'one-way',
    });
    this.finish(connection, socket, channel.failure);
  }

  private finish(connection: number, socket: Socket, failure: CliFailure | undefined): void {
    // A reset, so that the program sees a failure rather than an empty response.
    if (failure && !socket.destroyed) socket.resetAndDestroy();
    socket.destroy();
    this.open.delete(connection);
    const traffic = trafficOf(socket);
    this.closed = sum(this.closed, traffic);
    this.events.onClosed?.(connection, traffic, failure);
  }
}

function checkLength(path: string): void {
  if (process.platform === 'win32' || Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return;
  throw new CliFailure('usage', `${path} cannot be used: it is too long.`, {
    hint: `The path of a socket has at most ${MAX_SOCKET_PATH_BYTES} bytes.`,
  });
}

function trafficOf({ bytesRead, bytesWritten }: Socket): Traffic {
  return { sent: bytesRead, received: bytesWritten };
}

function sum(left: Traffic, right: Traffic): Traffic {
  return { sent: left.sent + right.sent, received: left.received + right.received };
}

function unexpected(cause: unknown): CliFailure {
  return new CliFailure('unexpected', (cause as Error).message, { cause });
}
