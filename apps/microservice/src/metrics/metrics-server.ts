import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Global,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Log } from '../logging/log';
import { SETTINGS, type Settings } from '../settings/settings';
import { Metrics } from './metrics';

/** A scrape has no body and few headers. */
const REQUEST_TIMEOUT_MS = 5_000;

/** Enough for two Prometheus servers and a browser. */
const MAX_CONNECTIONS = 32;

/** The names under which a scraper may address a server on loopback. */
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/;

/**
 * Serves `GET /metrics` on a separate port, which the ingress does not route to. Like every
 * exporter it asks for no credentials, and on loopback it responds only under loopback names, so
 * that a web page cannot read it through a name that resolves to loopback (DNS rebinding).
 */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnModuleDestroy {
  private server: Server | undefined;

  constructor(
    @Inject(SETTINGS)
    private readonly settings: Pick<Settings, 'metricsPort' | 'serverHost'>,
    private readonly metrics: Metrics,
    private readonly log: Log,
  ) {}

  /** `undefined` unless a port is set. */
  get url(): string | undefined {
    const address = this.server?.address() as AddressInfo | null | undefined;
    return address ? `http://${this.settings.serverHost}:${address.port}` : undefined;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { metricsPort, serverHost } = this.settings;
    if (metricsPort === undefined) return;
    this.metrics.measureProcess();
    const server = createServer((request, response) => void this.answer(request, response));
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    server.headersTimeout = REQUEST_TIMEOUT_MS;
    server.maxConnections = MAX_CONNECTIONS;
    server.listen(metricsPort, serverHost);
    await once(server, 'listening');
    this.server = server;
    this.log.info('Metrics are served', { url: this.url });
  }

  async onModuleDestroy(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.metrics.registry.clear();
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = (request.url ?? '').split('?', 1);
    const isLocal = LOOPBACK.test(this.settings.serverHost);
    if (isLocal && !LOOPBACK.test(request.headers.host ?? '')) return end(response, 421);
    if (path !== '/metrics') return end(response, 404);
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405);
    const { registry } = this.metrics;
    try {
      const text = await registry.metrics();
      response.writeHead(200, {
        'Content-Type': registry.contentType,
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
      });
      response.end(request.method === 'HEAD' ? undefined : text);
    } catch (cause) {
      this.log.error('The metrics could not be collected', { cause });
      end(response, 500);
    }
  }
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Length': 0, ...(status === 405 && { Allow: 'GET' }) });
  response.end();
}

@Global()
@Module({ providers: [Metrics, MetricsServer], exports: [Metrics] })
export class MetricsModule {}
