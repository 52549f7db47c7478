import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { INGRESS_REFUSALS, type IngressRefusal } from './ingress-refusals';
import { HttpProxy } from './http-proxy';
import type { Upstream } from './forwarded-headers';
import { endWithRefusal, UpgradeProxy } from './upgrade-proxy';

/** A request from Express, which may have removed a router's mount path from `url`. */
type RoutedRequest = IncomingMessage & { originalUrl?: string };

/** Headers that the ingress adds to requests for the microservice. */
export interface IngressAdditions {
  /** The Basic header for a request's sign-in cookie, if that is valid. */
  readonly standIn?: (request: IncomingMessage) => string | undefined;
  /** Forwards as if the microservice ran in the platform's cluster. */
  readonly asHosted?: boolean;
  /** Closes WebSockets without traffic for this long; if absent, none are closed. */
  readonly idleMs?: number | undefined;
  /** The address of a microservice that a tenant uploaded; `undefined` if there is none. */
  readonly hosted?: (contextPath: string) => { readonly url: string | undefined } | undefined;
  /** Why to refuse an upgrade without involving the microservice. */
  readonly upgradeRefusal?: (request: IncomingMessage) => IngressRefusal | undefined;
  /**
   * The encrypted options of the caller's tenant, which a hosted microservice receives as headers.
   */
  readonly optionHeaders?: (request: IncomingMessage) => Readonly<Record<string, string>>;
}

/** The name of a microservice in the cluster. */
const HOST_IN_CLUSTER = 'cloud-remote-access-scope-management';

/**
 * The platform's ingress: forwards `/service/{contextPath}/…` to the microservice, with the prefix
 * stripped and the caller's credentials unchanged. It does not authenticate callers; the
 * microservice does. To requests signed in with a cookie it adds a Basic header with a placeholder
 * password, as the platform does.
 *
 * Mount it before anything that reads request bodies.
 */
export class Ingress {
  private readonly http = new HttpProxy();
  private readonly upgrades = new UpgradeProxy();

  /**
   * @param target URL of the microservice, e.g. `http://127.0.0.1:8081`; `undefined` while it is
   *   not running
   */
  constructor(
    private readonly target: () => string | undefined,
    private readonly additions: IngressAdditions = {},
    private readonly contextPath = 'remoteaccess',
  ) {}

  /** Forwards a request and returns the response. */
  handle(request: RoutedRequest, response: ServerResponse): void {
    const upstream = this.locate(request);
    if ('status' in upstream) {
      response.writeHead(upstream.status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(upstream.body));
    } else {
      this.http.forward(upstream, request, response);
    }
  }

  /** Forwards a WebSocket upgrade. */
  upgrade(request: RoutedRequest, socket: Duplex, head: Buffer): void {
    const upstream = this.locate(request);
    const refused = this.additions.upgradeRefusal?.(request);
    if ('status' in upstream) endWithRefusal(socket, upstream);
    else if (refused) endWithRefusal(socket, refused);
    else this.upgrades.forward(upstream, request, socket, head, this.additions.idleMs);
  }

  /** Closes all connections, including upgraded ones. */
  stop(): void {
    this.http.stop();
    this.upgrades.stop();
  }

  private locate(request: RoutedRequest): Upstream | IngressRefusal {
    const sent = request.originalUrl ?? request.url ?? '';
    const [, named = ''] = /^\/service\/([\w.-]+)/.exec(sent) ?? [];
    const uploaded = this.additions.hosted?.(named);
    const contextPath = uploaded ? named : this.contextPath;
    const path = microservicePath(sent, contextPath);
    if (path === undefined) return INGRESS_REFUSALS.notFound;
    const target = uploaded ? uploaded.url : this.target();
    if (target === undefined) return INGRESS_REFUSALS.notRouted;
    const { host, hostname, port } = new URL(target);
    const { standIn, asHosted, optionHeaders } = this.additions;
    return {
      host: asHosted ? HOST_IN_CLUSTER : host,
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 80),
      path,
      prefix: `/service/${contextPath}`,
      standIn: standIn?.(request),
      asHosted: asHosted ?? false,
      optionHeaders: asHosted ? (optionHeaders?.(request) ?? {}) : {},
    };
  }
}

/** A `..` or `.` segment, in any encoding of the dots and separators. */
const DOT_SEGMENT = /(?:^|[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:$|[/\\]|%2f|%5c)/i;

/**
 * Strips `/service/{contextPath}` from a request target and leaves the rest unchanged.
 *
 * The prefix is compared byte by byte, so `//service`, `/service//…`, `%2f`, a different case and
 * an absolute URL do not match. Paths with dot segments never match, so that the ingress and the
 * microservice cannot interpret them differently.
 *
 * @param target path and query as sent by the caller
 * @returns path and query for the microservice; `undefined` if the target does not match
 */
export function microservicePath(target: string, contextPath: string): string | undefined {
  const prefix = `/service/${contextPath}`;
  if (!target.startsWith(prefix)) return undefined;
  const rest = target.slice(prefix.length);
  if (rest !== '' && !rest.startsWith('/') && !rest.startsWith('?')) return undefined;
  const [path = ''] = rest.split('?', 1);
  if (DOT_SEGMENT.test(path)) return undefined;
  return rest.startsWith('/') ? rest : `/${rest}`;
}
