import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { ApiDocument } from './api-description/api-document';
import { AppModule } from './app.module';
import { type Cluster, CLUSTER } from './cluster/cluster';
import { UpgradeAdapter } from './door/upgrade-adapter';
import { ErrorFilter } from './http/error-filter';
import {
  allowOptionHeaders,
  createExpress,
  leaveContinueToReader,
  limitConnections,
  openFilesLimit,
  setTimeouts,
} from './http/http-server';
import { middleware } from './http/middleware';
import { Log } from './logging/log';
import { MemoryBudget } from './memory/memory-budget';
import { Metrics } from './metrics/metrics';
import { MetricsServer } from './metrics/metrics-server';
import { SessionRegistry } from './sessions/session-registry';
import { readSettings } from './settings/settings';

export interface Microservice {
  /** The address that it listens on, as `http://host:port`. */
  readonly url: string;
  /** Where metrics are served; `undefined` without METRICS_PORT. */
  readonly metricsUrl: string | undefined;
  /**
   * Refuses new sessions and gives running ones time to finish, also those of other replicas whose
   * client or gateway is connected here.
   */
  drain(): Promise<void>;
  /** Ends every session and closes every socket. */
  stop(): Promise<void>;
}

/**
 * Starts the microservice, even if the platform cannot be reached yet.
 * @throws SettingsError listing every problem in the environment
 */
export async function startMicroservice(env: NodeJS.ProcessEnv): Promise<Microservice> {
  const settings = readSettings(env);
  const log = new Log(settings);
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.for(settings),
    new ExpressAdapter(createExpress()),
    { bodyParser: false, logger: log, forceCloseConnections: true, abortOnError: false },
  );
  app.use(...middleware(log, app.get(MemoryBudget)));
  app.useGlobalFilters(new ErrorFilter(log, app.get(Metrics)));
  app.useWebSocketAdapter(new UpgradeAdapter(app));
  const server: Server = app.getHttpServer();
  setTimeouts(server);
  limitConnections(server, settings.memoryLimitBytes, openFilesLimit(), limit =>
    log.warn('Connections are dropped: the memory limit and open files allow no more', { limit }),
  );
  if (settings.hosted) allowOptionHeaders(server);
  leaveContinueToReader(server);
  app.get(ApiDocument).generate(app);
  await app.init();
  const cluster = app.get<Cluster>(CLUSTER);
  await cluster.introduced();
  await app.listen(settings.serverPort, settings.serverHost);
  // Treated like a local connection: the parser, the door and the log see no difference.
  cluster.onConnection(socket => void server.emit('connection', socket));
  const { address, port } = server.address() as AddressInfo;
  return {
    url: `http://${address}:${port}`,
    metricsUrl: app.get(MetricsServer).url,
    drain: async () => {
      const { stopGraceMs } = settings;
      await Promise.all([app.get(SessionRegistry).drain(stopGraceMs), cluster.drain(stopGraceMs)]);
    },
    stop: async () => {
      await app.close();
      // The sessions that have just ended needed the other replicas until now.
      await cluster.stop();
    },
  };
}
