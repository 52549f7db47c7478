import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import express from 'express';
import { ApiDocument } from './api-description/api-document';
import { AppModule } from './app.module';
import { UpgradeAdapter } from './door/upgrade-adapter';
import { tuneServer } from './http-server';
import { answerHeaders } from './observe/answer-headers';
import { FailedSignIns } from './access/failed-attempts';
import { ErrorFilter } from './observe/error-filter';

import { Log } from './observe/log';
import { plainPath } from './observe/plain-path';
import { onlyKnownBodies, readJson, readText } from './observe/request-bodies';
import { requestLog } from './observe/request-log';
import { readSettings } from './settings/settings';

export interface Microservice {
  /** Where it listens, as `http://host:port`. */
  readonly url: string;
  /** Ends every session and closes every socket. */
  stop(): Promise<void>;
}

/**
 * Starts the microservice; it also starts while the platform cannot be reached.
 * @throws SettingsError with every problem of the environment at once
 */
export async function startMicroservice(env: NodeJS.ProcessEnv): Promise<Microservice> {
  const settings = readSettings(env);
  const log = new Log(settings);
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.for(settings),
    new ExpressAdapter(strictExpress()),
    { bodyParser: false, logger: log, forceCloseConnections: true, abortOnError: false },
  );
  app.use(requestLog(log), answerHeaders, plainPath, onlyKnownBodies, readJson, readText);
  app.useGlobalFilters(new ErrorFilter(log, app.get(FailedSignIns)));
  app.useWebSocketAdapter(new UpgradeAdapter(app));
  tuneServer(app.getHttpServer());
  app.get(ApiDocument).describe(app);
  await app.listen(settings.serverPort, settings.serverHost);
  const { address, port } = app.getHttpServer().address() as AddressInfo;
  return { url: `http://${address}:${port}`, stop: () => app.close() };
}

/** `/Devices` and `/devices/` are other addresses than `/devices`, and nothing is there. */
function strictExpress(): express.Express {
  const server = express();
  server.enable('strict routing');
  server.enable('case sensitive routing');
  server.disable('x-powered-by');
  server.disable('etag');
  server.set('query parser', false);
  return server;
}
