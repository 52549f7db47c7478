import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { isRefusal, type Refusal, RemoteAccessError } from '@remote-access/contracts';
import { withDeadline } from '@remote-access/streams';
import { withCorrelationId } from '../logging/correlation';
import type { Log } from '../logging/log';
import { handshakeRefusal } from './handshake-check';
import { originOf, type OriginSettings } from './origin';
import { refuseUpgrade } from './refused-upgrade';
import type { Admitted, Upgrade, UpgradeAdmission } from './upgrade';
import { UpgradeRoute } from './upgrade-route';

export interface DoorLimits {
  /** Handshakes at the same time: each may hold two calls to the platform. */
  readonly maxHandshakes: number;
  /** c8ylp drops what the user types when the answer takes longer than 10 s. */
  readonly handshakeDeadlineMs: number;
}

const LIMITS: DoorLimits = { maxHandshakes: 256, handshakeDeadlineMs: 9_000 };

/**
 * Owns `upgrade` on the HTTP server. A socket that asks is paused, looked at and admitted; only
 * then it is answered and read on. Every refusal is a plain HTTP answer with the error body.
 */
export class UpgradeDoor {
  private readonly routes: UpgradeRoute[] = [];
  private handshakes = 0;

  constructor(
    private readonly settings: OriginSettings,
    private readonly log: Log,
    private readonly limits: DoorLimits = LIMITS,
  ) {}

  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      withCorrelationId(() => void this.answer(request, socket, head));
    });
  }

  route(path: string, admission: UpgradeAdmission): UpgradeRoute {
    const route = new UpgradeRoute(path, admission);
    this.routes.push(route);
    return route;
  }

  private async answer(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.pause();
    socket.on('error', ignoreBrokenSocket);
    const startedAt = performance.now();
    this.handshakes += 1;
    let pattern: string | undefined;
    try {
      const found = this.find(request);
      if (isRefusal(found)) return this.refuse(socket, found, pattern, startedAt);
      pattern = found.route.pattern.text;
      const admitted = await this.admit(found.route, found.upgrade);
      if (isRefusal(admitted)) return this.refuse(socket, admitted, pattern, startedAt);
      this.handOver(found.route, request, socket, head, admitted);
    } catch (cause) {
      this.refuse(socket, new RemoteAccessError('internal', { cause }), pattern, startedAt);
    } finally {
      this.handshakes -= 1;
    }
  }

  private find(request: IncomingMessage): { route: UpgradeRoute; upgrade: Upgrade } | Refusal {
    if (this.handshakes > this.limits.maxHandshakes) {
      return new RemoteAccessError('too-many-requests');
    }
    const [path = '', ...rest] = (request.url ?? '').split('?');
    for (const route of this.routes) {
      const parameters = route.pattern.match(path);
      if (!parameters) continue;
      if (route.closed) return new RemoteAccessError('shutting-down');
      const refusal = handshakeRefusal(request, route.admission);
      if (refusal) return refusal;
      const origin = originOf(request, this.settings);
      if (isRefusal(origin)) return origin;
      const query = new URLSearchParams(rest.join('?'));
      return { route, upgrade: { request, parameters, query, origin } };
    }
    return new RemoteAccessError('not-found');
  }

  private async admit(
    { admission }: UpgradeRoute,
    upgrade: Upgrade,
  ): Promise<Admitted<unknown> | Refusal> {
    try {
      return await withDeadline(
        admission.admit(upgrade),
        this.limits.handshakeDeadlineMs,
        () => new RemoteAccessError('platform-timeout'),
        late => isRefusal(late) || late.abandon(),
      );
    } catch (error) {
      if (isRefusal(error)) return error;
      throw error;
    }
  }

  private handOver(
    route: UpgradeRoute,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    { attachment, abandon }: Admitted<unknown>,
  ): void {
    if (socket.destroyed) return abandon();
    const failed = (): void => {
      abandon();
      const detail = 'The WebSocket handshake is malformed.';
      refuseUpgrade(socket, new RemoteAccessError('malformed-request', { detail }));
    };
    route.handover.complete(
      request,
      socket,
      head,
      webSocket => {
        socket.off('error', ignoreBrokenSocket);
        route.connected(webSocket, attachment);
        socket.resume();
      },
      failed,
    );
  }

  /** Tells the route only: its parameters may be a key, its query a credential. */
  private refuse(
    socket: Duplex,
    error: Refusal,
    route: string | undefined,
    startedAt: number,
  ): void {
    const serious = error.entry.httpStatus >= 500;
    this.log[serious ? 'error' : 'info']('An upgrade was refused', {
      route: route ?? 'none',
      code: error.code,
      durationMs: Math.round(performance.now() - startedAt),
      ...(serious ? { cause: error } : {}),
    });
    refuseUpgrade(socket, error);
  }
}

function ignoreBrokenSocket(): void {
  // Who asked has gone; the socket closes by itself and nothing is open for it yet.
}
