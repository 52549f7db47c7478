import type { Server } from 'node:http';

/** Longer than the platform's ingress keeps an idle connection, so that it never writes to one
 * that is just being closed. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;

/**
 * Node counts headersTimeout and requestTimeout on upgraded sockets too and ends them after 60 to
 * 90 s: both are off, the platform's ingress has its own.
 */
export function tuneServer(server: Server): void {
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
}
