import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  asRefusal,
  isRefusal,
  orThrow,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { splice, withDeadline } from '@remote-access/streams';
import type { Cluster, ForwardedSocket, ReplicaId } from '../cluster/cluster';
import { eventLoopTurn } from '../concurrency/event-loop-turns';
import { withCorrelationId } from '../logging/correlation';
import { errorBody } from '../http/error-filter';
import type { Log } from '../logging/log';
import { FORWARDED, HANDSHAKES, type MemoryBudget, UNREAD_BYTES } from '../memory/memory-budget';
import type { Metrics } from '../metrics/metrics';
import {
  type Admission,
  type Forward,
  type Upgrade,
  type UpgradeHandler,
  UpgradeRoute,
} from './route';
import { acceptHandshake, handshakeRefusal } from './handshake';
import { originOf, type OriginSettings } from './origin';

export interface DoorLimits {
  /** Maximum number of concurrent handshakes; each may have two calls to the platform in flight. */
  readonly maxHandshakes: number;
  /** c8ylp drops what the user types if the answer takes longer than 10 s. */
  readonly handshakeDeadlineMs: number;
}

const LIMITS: DoorLimits = { maxHandshakes: 256, handshakeDeadlineMs: 9_000 };

/** How long a refused caller has to read the response. */
const REFUSAL_LINGER_MS = 1_000;

/**
 * Per forwarded connection: bytes read from each side and not written yet. Of the caller, two reads
 * that are being sent and the next one; of the other replica, what its stream reads ahead and what
 * the caller has not accepted. What arrives while nobody reads is reserved when that begins.
 */
const FORWARDED_BYTES = 4 * 64 * 1024;

/** The `Retry-After` of `too-many-requests`, in seconds. */
const RETRY_AFTER_S = 10;

interface MatchedUpgrade {
  readonly handler: UpgradeHandler;
  readonly upgrade: Upgrade;
}

/**
 * Owns `upgrade` on the HTTP server: pauses the socket, checks and admits the request, answers it,
 * and only then resumes reading. Every refusal is a plain HTTP response with the error as its body.
 */
export class UpgradeDoor {
  private readonly routes: UpgradeRoute[] = [];
  private handshakes = 0;

  constructor(
    private readonly settings: OriginSettings,
    private readonly log: Log,
    private readonly metrics: Metrics,
    private readonly memory: MemoryBudget,
    private readonly cluster: Pick<Cluster, 'connectTo'>,
    private readonly limits: DoorLimits = LIMITS,
  ) {}

  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      withCorrelationId(() => void this.answer(request, socket, head));
    });
  }

  route(path: string): UpgradeRoute {
    const route = new UpgradeRoute(path);
    this.routes.push(route);
    return route;
  }

  private async answer(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.pause();
    socket.on('error', ignoreBrokenSocket);
    const startedAt = performance.now();
    this.handshakes += 1;
    const reserved = this.memory.reserve(HANDSHAKES, UNREAD_BYTES);
    await eventLoopTurn();
    const [path = '', ...rest] = (request.url ?? '').split('?');
    const route = this.routes.find(one => one.match(path) !== undefined);
    try {
      const matched = isRefusal(reserved)
        ? reserved
        : this.check(request, route, path, rest.join('?'));
      if (isRefusal(matched)) return this.refuse(socket, matched, route, startedAt);
      const admission = await this.admit(matched);
      if (isRefusal(admission)) return this.refuse(socket, admission, route, startedAt);
      if ('owner' in admission) {
        await this.forward(request, socket, head, admission);
        return;
      }
      if (!socket.writable) return admission.abandoned();
      socket.off('error', ignoreBrokenSocket);
      const { subprotocols } = matched.handler;
      const relayedBy = forwarderOf(request);
      admission.connected(acceptHandshake(request, socket, head, subprotocols, relayedBy));
      socket.resume();
    } catch (cause) {
      this.refuse(socket, asRefusal(cause), route, startedAt);
    } finally {
      this.handshakes -= 1;
      if (!isRefusal(reserved)) reserved.release();
    }
  }

  /** Checks that need no request to the platform. */
  private check(
    request: IncomingMessage,
    route: UpgradeRoute | undefined,
    path: string,
    query: string,
  ): MatchedUpgrade | Refusal {
    if (this.handshakes > this.limits.maxHandshakes) {
      return new RemoteAccessError('too-many-requests');
    }
    if (!route) return new RemoteAccessError('not-found');
    const { open: handler } = route;
    if (!handler) return new RemoteAccessError('shutting-down');
    const refusal = handshakeRefusal(request, handler);
    if (refusal) return refusal;
    const origin = originOf(request, this.settings);
    if (isRefusal(origin)) return origin;
    const parameters = route.match(path)!;
    return {
      handler,
      upgrade: {
        request,
        parameters,
        query: new URLSearchParams(query),
        origin,
        isForwarded: forwarderOf(request) !== undefined,
      },
    };
  }

  private async admit({
    handler,
    upgrade,
  }: MatchedUpgrade): Promise<Admission | Forward | Refusal> {
    try {
      return await withDeadline(
        handler.admit(upgrade),
        this.limits.handshakeDeadlineMs,
        () => new RemoteAccessError('platform-timeout'),
        late => isRefusal(late) || 'owner' in late || late.abandoned(),
      );
    } catch (error) {
      if (isRefusal(error)) return error;
      throw error;
    }
  }

  /**
   * Repeats an upgrade to the replica that owns the session or call, and joins the two connections.
   * That replica's response, including a refusal, goes to the caller.
   */
  private async forward(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    { owner }: Forward,
  ): Promise<void> {
    const reserved = orThrow(this.memory.reserve(FORWARDED, FORWARDED_BYTES));
    try {
      const { remoteAddress = '' } = request.socket;
      const replica = await this.cluster.connectTo(owner, remoteAddress);
      if (socket.destroyed) {
        replica.destroy();
        reserved.release();
        return;
      }
      replica.write(headOf(request), 'latin1');
      if (head.length > 0) replica.write(head);
      socket.off('error', ignoreBrokenSocket);
      const end = splice(socket, replica, { names: ['caller', 'owner'], endOf: 'one-way' });
      void end.then(() => reserved.release());
      socket.resume();
    } catch (error) {
      reserved.release();
      throw error;
    }
  }

  /**
   * Logs the route's pattern only: a parameter may be a key, and the query may contain a
   * credential.
   */
  private refuse(
    socket: Duplex,
    error: Refusal,
    route: UpgradeRoute | undefined,
    startedAt: number,
  ): void {
    this.metrics.refused('websocket', error.code);
    const serious = error.entry.httpStatus >= 500;
    this.log[serious ? 'error' : 'info']('An upgrade was refused', {
      route: route?.path ?? 'none',
      code: error.code,
      durationMs: Math.round(performance.now() - startedAt),
      ...(serious ? { cause: error } : {}),
    });
    sendRefusal(socket, error);
  }
}

/** The replica that forwards a request; `undefined` if the caller connected to this one. */
function forwarderOf({ socket }: IncomingMessage): ReplicaId | undefined {
  return (socket as Partial<Pick<ForwardedSocket, 'forwardedBy'>>).forwardedBy;
}

/** The head of a request as it was sent. */
function headOf({ method = 'GET', url = '/', rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Answers an upgrade with an error as plain HTTP and ends the socket. */
function sendRefusal(socket: Duplex, error: Refusal): void {
  const { httpStatus } = error.entry;
  const body = JSON.stringify(errorBody(error));
  const head = [
    `HTTP/1.1 ${httpStatus} ${STATUS_CODES[httpStatus] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Referrer-Policy: no-referrer',
    'X-Content-Type-Options: nosniff',
    ...(httpStatus === 405 ? ['Allow: GET'] : []),
    ...(httpStatus === 429 ? [`Retry-After: ${RETRY_AFTER_S}`] : []),
    'Connection: close',
  ];
  const timer = setTimeout(() => socket.destroy(), REFUSAL_LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  // Unread bytes would turn the FIN into a reset, which can overtake the response.
  socket.resume();
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function ignoreBrokenSocket(): void {
  // The caller has left; the socket closes by itself, and nothing has been opened for it yet.
}
