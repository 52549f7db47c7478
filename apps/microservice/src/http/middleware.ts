import { RemoteAccessError } from '@remote-access/contracts';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { withCorrelationId } from '../logging/correlation';
import { eventLoopTurn } from '../concurrency/event-loop-turns';
import type { Log } from '../logging/log';
import type { MemoryBudget } from '../memory/memory-budget';
import { hasBody, limitUnreadBodies } from './request-body';

/** Includes the platform's media types, e.g. `application/vnd.com.nsn.cumulocity.x+json`. */
const JSON_TYPES = ['json', '+json'];

/** The only route that accepts CSV. */
const CSV_PATH = '/configurations/import';
const CSV_TYPE = 'text/csv';

/**
 * Matches every path of the service; `%`, `//`, `..` and `;` would only spell a path differently.
 */
const CANONICAL_PATH = /^\/$|^(\/[\w-]+)+$|^\/openapi\.json$/;

/** Everything that runs before routing, in order. None of it reads a body. */
export function middleware(log: Log, memory: MemoryBudget): RequestHandler[] {
  return [
    logRequest(log),
    takeTurn,
    setSecurityHeaders,
    requireCanonicalPath,
    requireSupportedMediaType,
    limitUnreadBodies(memory),
  ];
}

/**
 * Runs the request under a correlation id, which is also sent in the response, and logs its end.
 */
function logRequest(log: Log): RequestHandler {
  return (request, response, next) => {
    withCorrelationId(id => {
      const startedAt = performance.now();
      response.setHeader('X-Correlation-Id', id);
      response.once('close', () => {
        // Without the query, which may contain a credential.
        const [path] = request.originalUrl.split('?', 1);
        const level = path?.startsWith('/health') ? 'debug' : 'info';
        log[level]('Request', {
          method: request.method,
          path,
          status: response.writableEnded ? response.statusCode : 'aborted',
          durationMs: Math.round(performance.now() - startedAt),
        });
      });
      next();
    });
  };
}

/**
 * Requests that arrive together are handled one per turn of the event loop, with sessions served in
 * between.
 */
function takeTurn(_request: Request, _response: Response, next: NextFunction): void {
  void eventLoopTurn().then(() => next());
}

/** Responses contain what one user may see: they must not be cached, or rendered as a page. */
function setSecurityHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  next();
}

/**
 * Allows one spelling per path, so that a proxy that protects paths sees the same path as the
 * router.
 */
function requireCanonicalPath(request: Request, _response: Response, next: NextFunction): void {
  const [path = ''] = request.originalUrl.split('?', 1);
  next(CANONICAL_PATH.test(path) ? undefined : new RemoteAccessError('not-found'));
}

/** Bodies of other types would be misinterpreted. */
function requireSupportedMediaType(
  request: Request,
  _response: Response,
  next: NextFunction,
): void {
  const types = request.path === CSV_PATH ? [...JSON_TYPES, CSV_TYPE] : JSON_TYPES;
  const isSupported = !hasBody(request) || request.is(types) !== false;
  next(isSupported ? undefined : new RemoteAccessError('unsupported-media-type'));
}
