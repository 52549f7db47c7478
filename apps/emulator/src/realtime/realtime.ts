import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Authentication } from '../auth/authentication';
import { PlatformRefusal } from '../auth/platform-refusal';
import type { Changes } from '../store/collection';
import type { Store } from '../store/store';
import { type BayeuxMessage, parseBayeux } from './bayeux-message';
import { BayeuxServer, type Sender } from './bayeux-server';
import type { Link, SignIn } from './bayeux-session';
import { DeviceChannels, RealtimeChannels } from './channels';

/** The extension with a client's credentials: `{token}`, or `{xsrfToken}` in addition to a cookie. */
const AUTHENTICATION_EXT = 'com.cumulocity.authn';

/**
 * Client libraries append the kind of message: `/handshake`, `/connect`, `/`. `/cep/realtime` is an
 * older name, which go-c8y uses.
 */
const PATH = /^\/(?:notification\/(?<area>realtime|operations)|cep\/realtime)(?:\/[a-z]*)?$/;

/** Far more than clients send. */
export const MAX_BODY_BYTES = 64 * 1024;

/** A WebSocket without a client by then is closed. */
const HANDSHAKE_MS = 10_000;

/** A request from Express, with or without a parsed body. */
export type ParsedRequest = IncomingMessage & { originalUrl?: string; body?: unknown };

/**
 * Real time: CometD at `/notification/realtime` for users and at `/notification/operations` for
 * devices, over long polling and WebSockets.
 */
export class Realtime {
  private readonly servers: Readonly<Record<string, BayeuxServer>>;
  private readonly webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_BODY_BYTES,
  });
  private readonly stopListening: () => void;

  constructor(
    private readonly authentication: Authentication,
    changes: Changes,
    store: Store,
    private readonly handshakeMs = HANDSHAKE_MS,
  ) {
    this.servers = {
      realtime: new BayeuxServer(new RealtimeChannels(store)),
      operations: new BayeuxServer(new DeviceChannels(store)),
    };
    this.stopListening = changes.on(change => {
      for (const server of Object.values(this.servers)) server.announce(change);
    });
  }

  /** Handles long polling. Mount it at `/notification/` and `/cep/`. */
  async handle(request: ParsedRequest, response: ServerResponse): Promise<void> {
    const server = this.serverAt(request);
    if (!server) {
      answer(response, new PlatformRefusal(404, 'notification/Not Found', 'No such channel'));
      return;
    }
    if (request.method !== 'POST') {
      answer(response, new PlatformRefusal(405, 'notification/Method Not Allowed', 'Use POST'));
      return;
    }
    const { authorization } = request.headers;
    const caller = authorization ? this.authentication.authenticate(request) : undefined;
    if (caller instanceof PlatformRefusal) {
      answer(response, caller);
      return;
    }
    const link = new HttpLink(response);
    const body = await readJson(request);
    const messages = body instanceof PlatformRefusal ? body : parseBayeux(body);
    if (messages === undefined || messages instanceof PlatformRefusal) {
      answer(response, messages ?? malformed());
      return;
    }
    const answers = await server.receive(messages, {
      link,
      signIn: handshake => this.signIn(request, handshake),
      ...(caller && { caller }),
    });
    if (!link.gone) send(response, 200, answers);
  }

  /** @returns whether the path matched and the socket is being handled */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const server = this.serverAt(request);
    if (!server) return false;
    this.webSockets.handleUpgrade(request, socket, head, webSocket =>
      this.serve(server, request, webSocket),
    );
    return true;
  }

  /** Ends all sessions and connections. */
  stop(): void {
    this.stopListening();
    for (const server of Object.values(this.servers)) server.stop();
    for (const webSocket of this.webSockets.clients) webSocket.terminate();
    this.webSockets.close();
  }

  private serve(server: BayeuxServer, request: IncomingMessage, webSocket: WebSocket): void {
    const link = new WebSocketLink(webSocket);
    const sender: Sender = { link, signIn: handshake => this.signIn(request, handshake) };
    const deadline = setTimeout(() => {
      if (!server.hasClientOn(link)) webSocket.close(1008, 'No handshake');
    }, this.handshakeMs);
    webSocket.once('close', () => clearTimeout(deadline));
    webSocket.on('message', data => {
      const messages = parseText((data as Buffer).toString('utf8'));
      if (!messages) {
        webSocket.close(1007, 'Not a Bayeux message');
        return;
      }
      server.receive(messages, sender).then(
        answers => {
          link.push(answers);
          // Like CometD's server: a client would not close if its disconnect crossed a connect.
          if (answers.some(isDisconnect)) webSocket.close(1000, 'Disconnect');
        },
        (cause: unknown) => {
          process.stderr.write(`${cause instanceof Error ? cause.stack : String(cause)}\n`);
          webSocket.close(1011, 'Internal error');
        },
      );
    });
  }

  private signIn(request: IncomingMessage, { ext }: BayeuxMessage): SignIn {
    const credentials = ext?.[AUTHENTICATION_EXT];
    const { token, xsrfToken } = (credentials ?? {}) as Record<string, unknown>;
    if (typeof token === 'string') return () => this.authentication.fromToken(token);
    if (typeof xsrfToken === 'string') {
      return () => this.authentication.fromCookie(request, xsrfToken);
    }
    return () => this.authentication.authenticate(request);
  }

  private serverAt(request: ParsedRequest): BayeuxServer | undefined {
    const [path = ''] = (request.originalUrl ?? request.url ?? '').split('?', 1);
    const match = PATH.exec(path);
    return match ? this.servers[match.groups?.['area'] ?? 'realtime'] : undefined;
  }
}

function isDisconnect({ channel, successful }: BayeuxMessage): boolean {
  return channel === '/meta/disconnect' && successful === true;
}

/** Reads the JSON body, unless Express has parsed it already. */
export async function readJson(request: ParsedRequest): Promise<unknown> {
  if (request.body !== undefined) return request.body;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes > MAX_BODY_BYTES) return tooLarge();
    }
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return new PlatformRefusal(400, 'notification/Bad Request', 'The body is not JSON');
  }
}

function tooLarge(): PlatformRefusal {
  return new PlatformRefusal(413, 'notification/Payload Too Large', 'The body is too large');
}

function parseText(text: string): BayeuxMessage[] | undefined {
  try {
    return parseBayeux(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function malformed(): PlatformRefusal {
  return new PlatformRefusal(400, 'notification/Bad Request', 'The body is not a Bayeux message');
}

function answer(response: ServerResponse, refusal: PlatformRefusal): void {
  for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value);
  send(response, refusal.status, refusal.body);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json;charset=UTF-8' });
  response.end(JSON.stringify(body));
}

/** A long poll: messages are sent with its response. */
export class HttpLink implements Link {
  constructor(private readonly response: ServerResponse) {}

  get gone(): boolean {
    return this.response.closed || this.response.destroyed;
  }

  onGone(listener: () => void): () => void {
    this.response.once('close', listener);
    return () => this.response.off('close', listener);
  }
}

/** A client that does not read is disconnected beyond this amount. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** A WebSocket: messages are pushed, and connects only show that the client is alive. */
export class WebSocketLink implements Link {
  constructor(private readonly webSocket: WebSocket) {
    // Every error ends in `close`.
    webSocket.on('error', () => webSocket.terminate());
  }

  get gone(): boolean {
    return this.webSocket.readyState !== this.webSocket.OPEN;
  }

  readonly push = (messages: BayeuxMessage[]): boolean => {
    if (this.gone || messages.length === 0) return true;
    if (this.webSocket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.webSocket.terminate();
      return false;
    }
    this.webSocket.send(JSON.stringify(messages));
    return true;
  };

  onGone(listener: () => void): () => void {
    this.webSocket.once('close', listener);
    return () => this.webSocket.off('close', listener);
  }
}
