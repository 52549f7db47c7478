import { once } from 'node:events';
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { isRefusal } from '@remote-access/contracts';
import type { Log } from '../logging/log';
import type { ForwardedSocket } from './cluster';
import type { ReplicaIdentity } from './replica-identity';
import { watchPeer } from './peer-watch';
import { StreamSocket } from './stream-socket';

/**
 * Limit of unread bytes of one session between two replicas; other sessions are not blocked by
 * them.
 */
export const STREAM_WINDOW_BYTES = 256 * 1024;

/** Concurrent sessions and questions from one replica. */
const MAX_STREAMS = 20_000;

/** A question takes a few hundred bytes. */
const MAX_QUESTION_BYTES = 64 * 1024;

/** Contains the address of the caller that a connection is for. */
export const CALLER_HEADER = 'x-caller-address';

export const FORWARD_PATH = '/forward';
export const ASK_PATH = '/ask/';

/** What other replicas may ask this one. */
export interface PeerService {
  connected(socket: ForwardedSocket): void;
  answer(topic: string, question: unknown): Promise<unknown>;
}

/**
 * Accepts connections from other replicas: HTTP/2 over TLS, which carries many streams with flow
 * control for each. Only replicas with a certificate of the common authority pass the handshake.
 */
export class PeerServer {
  private readonly server: Http2SecureServer;
  private service: PeerService | undefined;
  private readonly sessions = new Set<{ destroy(): void }>();

  constructor(
    identity: ReplicaIdentity,
    private readonly log: Log,
  ) {
    this.server = createSecureServer({
      ...identity,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
      settings: {
        initialWindowSize: STREAM_WINDOW_BYTES,
        maxConcurrentStreams: MAX_STREAMS,
        enablePush: false,
      },
    });
    this.server.on('session', session => {
      this.sessions.add(session);
      session.on('close', () => this.sessions.delete(session));
      session.on('error', () => undefined);
      // Only streams are limited, not the connection as a whole.
      session.setLocalWindowSize(STREAM_WINDOW_BYTES * 64);
      watchPeer(session);
    });
    this.server.on('stream', (stream, headers: IncomingHttpHeaders) => {
      stream.on('error', () => undefined);
      void this.serve(stream, textOf(headers, ':path'), textOf(headers, CALLER_HEADER));
    });
    this.server.on('tlsClientError', (cause: Error) =>
      this.log.warn('A connection between replicas was refused', { cause }),
    );
    this.server.on('sessionError', () => undefined);
  }

  /** From now on requests from other replicas are answered. */
  serveWith(service: PeerService): void {
    this.service = service;
  }

  /** @returns the port */
  async listen(host: string, port: number): Promise<number> {
    this.server.listen(port, host);
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const session of this.sessions) session.destroy();
    await closed;
  }

  private async serve(stream: ServerHttp2Stream, path: string, caller: string): Promise<void> {
    if (path === FORWARD_PATH) {
      stream.respond({ ':status': 200 });
      if (this.service) this.service.connected(new StreamSocket(stream, caller));
      else stream.close();
      return;
    }
    try {
      const question: unknown = JSON.parse(await limitedText(stream));
      const answer = await this.service?.answer(path.slice(ASK_PATH.length), question);
      if (stream.destroyed) return;
      stream.respond({ ':status': 200 });
      stream.end(JSON.stringify(answer ?? null));
    } catch (cause) {
      if (!isRefusal(cause)) this.log.error('A question of a replica failed', { path, cause });
      if (stream.destroyed) return;
      stream.respond({ ':status': 500 });
      stream.end();
    }
  }
}

function textOf(headers: Readonly<Record<string, unknown>>, name: string): string {
  const header = headers[name];
  return typeof header === 'string' ? header : '';
}

async function limitedText(stream: ServerHttp2Stream): Promise<string> {
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_QUESTION_BYTES) stream.destroy();
  });
  return text(stream);
}
