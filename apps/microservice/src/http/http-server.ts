import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import express from 'express';

/**
 * Longer than the ingress keeps an idle connection, so that it never reuses one that is about to
 * close.
 */
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

/** How long a connection may take until a request is complete. */
export interface RequestDeadlines {
  /** For the headers, counted from the connection or from the previous request. */
  readonly headersMs: number;
  /** For headers and body. A body of the maximum size takes this long at 35 KB/s. */
  readonly requestMs: number;
  /** How often these deadlines are checked. */
  readonly checkMs: number;
}

const DEADLINES: RequestDeadlines = { headersMs: 10_000, requestMs: 30_000, checkMs: 2_000 };

/**
 * Node ends connections whose request is late, with 408. It no longer watches a socket once it is
 * upgraded: sessions are not affected, and the door has its own deadline.
 */
export function setTimeouts(server: Server, deadlines: RequestDeadlines = DEADLINES): void {
  server.headersTimeout = deadlines.headersMs;
  server.requestTimeout = deadlines.requestMs;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  // Read when the server starts to listen. It is an option of createServer, which Nest calls.
  Object.assign(server, { connectionsCheckingInterval: deadlines.checkMs });
}

/** A connection takes up to 16 KiB of headers, and as much again for Node's objects. */
const CONNECTION_BYTES = 32 * 1024;

/**
 * File descriptors reserved for requests to the platform, for other replicas, and for Node itself.
 */
const OTHER_FILES = 128;

/** Once a minute is enough: a flood of connections must not fill the log. */
const DROPS_LOGGED_EVERY_MS = 60_000;

/**
 * Connections may take half of the memory for buffers and all but a few file descriptors: without a
 * free one, the process could not ask the platform who a caller is. Further connections are
 * dropped.
 *
 * @param openFiles how many files the process may have open
 * @param onDropped receives the limit, at most once a minute
 */
export function limitConnections(
  server: Server,
  memoryLimitBytes: number,
  openFiles: number,
  onDropped: (limit: number) => void,
): void {
  const byMemory = Math.floor(memoryLimitBytes / 4 / CONNECTION_BYTES);
  const limit = Math.max(1, Math.min(byMemory, openFiles - OTHER_FILES));
  server.maxConnections = limit;
  let loggedAtMs = -Infinity;
  server.on('drop', () => {
    if (performance.now() - loggedAtMs < DROPS_LOGGED_EVERY_MS) return;
    loggedAtMs = performance.now();
    onDropped(limit);
  });
}

/** proc_pid_limits(5), after Node has raised it to the hard limit; Infinity if unknown. */
export function openFilesLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity);
  } catch {
    return Infinity;
  }
}

/** Maximum size of request headers for a hosted service, in bytes. */
const HOSTED_HEADER_BYTES = 64 * 1024;

/**
 * The platform sends the tenant's encrypted options as headers with every request to a hosted
 * service, which can exceed Node's limit of 16 KiB.
 */
export function allowOptionHeaders(server: Server): void {
  // Read for each connection. It is an option of createServer, which Nest calls.
  Object.assign(server, { maxHeaderSize: HOSTED_HEADER_BYTES });
}

/** Leaves `100 Continue` to the code that reads the body: see `readBody`. */
export function leaveContinueToReader(server: Server): void {
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
}
