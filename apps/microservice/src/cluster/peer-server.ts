import { once } from 'node:events';
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { isRefusal } from '@remote-access/contracts';
import type { Log } from '../logging/log';
import type { MemoryBudget } from '../memory/memory-budget';
import type { ForwardedSocket, ReplicaId } from './cluster';
import { idOfReplica, type ReplicaIdentity } from './replica-identity';
import { watchPeer } from './peer-watch';
import { STREAM_WINDOW_BYTES, StreamSocket } from './stream-socket';

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
  /** Connections from other replicas, with the id in the peer's certificate. */
  private readonly sessions = new Map<ServerHttp2Session, ReplicaId>();

  constructor(
    identity: ReplicaIdentity,
    private readonly log: Log,
    private readonly memory: MemoryBudget,
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
      const certificate = (session.socket as TLSSocket).getPeerCertificate();
      this.sessions.set(session, idOfReplica(certificate));
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
    for (const session of this.sessions.keys()) session.destroy();
    await closed;
  }

  private async serve(stream: ServerHttp2Stream, path: string, caller: string): Promise<void> {
    if (path === FORWARD_PATH) {
      stream.respond({ ':status': 200 });
      const replica = this.sessions.get(stream.session as ServerHttp2Session);
      const socket = new StreamSocket(stream, caller, this.memory, replica);
      if (this.service) this.service.connected(socket);
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
