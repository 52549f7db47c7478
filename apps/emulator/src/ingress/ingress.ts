import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { INGRESS_REFUSALS, type IngressRefusal } from './ingress-refusals';
import { HttpProxy } from './http-proxy';
import type { Upstream } from './forwarded-headers';
import { endWithRefusal, UpgradeProxy } from './upgrade-proxy';

/** A request as express hands it over: `url` may have lost the path that a router was mounted at. */
type RoutedRequest = IncomingMessage & { originalUrl?: string };

/**
 * The platform's way to a microservice: `/service/{contextPath}/…`, the prefix stripped, the
 * caller's credentials untouched. It decides nothing about the caller; that is the microservice's.
 *
 * Mount it before anything that reads request bodies.
 */
export class Ingress {
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

  private locate(request: RoutedRequest): Upstream | IngressRefusal {
    const path = microservicePath(request.originalUrl ?? request.url ?? '', this.contextPath);
    if (path === undefined) return INGRESS_REFUSALS.notFound;
    const target = this.target();
    if (target === undefined) return INGRESS_REFUSALS.notRouted;
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

/** A segment `..` or `.`, in any spelling of it and of its separators. */
const CLIMBS = /(?:^|[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:$|[/\\]|%2f|%5c)/i;

/**
 * Strips `/service/{contextPath}` from a request target and leaves the rest as it came.
 *
 * The prefix is compared as it stands on the wire: `//service`, `/service//…`, `%2f`, another case
 * or an absolute address are other paths. What climbs is nobody's path, so that no server behind
 * the ingress has to agree with it on what `..` means.
 *
 * @param target path and query as sent by the caller
 * @returns path and query for the microservice; `undefined` where the target is not one of its own
 */
export function microservicePath(target: string, contextPath: string): string | undefined {
  const prefix = `/service/${contextPath}`;
  if (!target.startsWith(prefix)) return undefined;
  const rest = target.slice(prefix.length);
  if (rest !== '' && !rest.startsWith('/') && !rest.startsWith('?')) return undefined;
  const [path = ''] = rest.split('?', 1);
  if (CLIMBS.test(path)) return undefined;
  return rest.startsWith('/') ? rest : `/${rest}`;
}
