import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { GATEWAY_REFUSALS, type GatewayRefusal } from './gateway-refusal';
import { HttpProxy } from './http-proxy';
import { microservicePath } from './microservice-path';
import type { ProxyTarget } from './proxy-target';
import { endWithRefusal, UpgradeProxy } from './upgrade-proxy';

/** A request as express hands it over: `url` may have lost the path that a router was mounted at. */
type RoutedRequest = IncomingMessage & { originalUrl?: string };

/**
 * The platform's way to a microservice: `/service/{contextPath}/…`, the prefix stripped, the
 * caller's credentials untouched. It decides nothing about the caller; that is the microservice's.
 *
 * Mount it before anything that reads request bodies.
 */
export class MicroserviceGateway {
  private readonly http = new HttpProxy();
  private readonly upgrades = new UpgradeProxy();

  /**
   * @param target address of the microservice, e.g. `http://127.0.0.1:8081`; `undefined` while it
   *   is not running
   */
  constructor(
    private readonly target: () => string | undefined,
    private readonly contextPath = 'remoteaccess',
  ) {}

  /** Passes a request on and its answer back. */
  handle(request: RoutedRequest, response: ServerResponse): void {
    const target = this.locate(request);
    if ('status' in target) {
      response.writeHead(target.status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(target.body));
    } else {
      this.http.pass(target, request, response);
    }
  }

  /** Passes a WebSocket on. */
  upgrade(request: RoutedRequest, socket: Duplex, head: Buffer): void {
    const target = this.locate(request);
    if ('status' in target) endWithRefusal(socket, target);
    else this.upgrades.pass(target, request, socket, head);
  }

  /** Ends every connection, also those that were upgraded. */
  stop(): void {
    this.http.stop();
    this.upgrades.stop();
  }

  private locate(request: RoutedRequest): ProxyTarget | GatewayRefusal {
    const path = microservicePath(request.originalUrl ?? request.url ?? '', this.contextPath);
    if (path === undefined) return GATEWAY_REFUSALS.notFound;
    const target = this.target();
    if (target === undefined) return GATEWAY_REFUSALS.notRouted;
    const { host, hostname, port } = new URL(target);
    return {
      host,
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 80),
      path,
      prefix: `/service/${this.contextPath}`,
    };
  }
}
