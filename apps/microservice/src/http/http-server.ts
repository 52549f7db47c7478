import type { Server } from 'node:http';
import express from 'express';

/** Longer than the ingress keeps an idle connection, so that it never reuses one that is closing. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;

/** Express with exact routing: `/Devices` and `/devices/` are not `/devices`. */
export function createExpress(): express.Express {
  const server = express();
  server.enable('strict routing');
  server.enable('case sensitive routing');
  server.disable('x-powered-by');
  server.disable('etag');
  server.set('query parser', false);
  return server;
}

/**
 * Node applies headersTimeout and requestTimeout to upgraded sockets too, and would end sessions
 * after 60 to 90 s. Both are off; the ingress has timeouts of its own.
 */
export function setTimeouts(server: Server): void {
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
}
