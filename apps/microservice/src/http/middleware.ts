import { RemoteAccessError } from '@remote-access/contracts';
import {
  json,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  text,
} from 'express';
import { withCorrelationId } from '../logging/correlation';
import type { Log } from '../logging/log';

/** An endpoint with its keys takes a few kilobytes. The error catalogue documents this limit. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Includes the platform's media types, e.g. `application/vnd.com.nsn.cumulocity.x+json`. */
const JSON_TYPES = ['json', '+json'];

/** The only route that accepts CSV. */
const CSV_PATH = '/configurations/import';
const CSV_TYPE = 'text/csv';

/** Matches every path the service has; `%`, `//`, `..` and `;` only ever spell one differently. */
const CANONICAL_PATH = /^\/$|^(\/[\w-]+)+$|^\/openapi\.json$/;

/** Everything that runs before routing, in order. */
export function middleware(log: Log): RequestHandler[] {
  // Compressed bodies are not accepted: a megabyte can inflate to a gigabyte.
  const limits = { limit: MAX_BODY_BYTES, inflate: false };
  return [
    logRequest(log),
    setSecurityHeaders,
    requireCanonicalPath,
    requireSupportedMediaType,
    json({ ...limits, type: JSON_TYPES }),
    text({ ...limits, type: CSV_TYPE }),
  ];
}

/** Runs the request under a correlation id, which the response carries too, and logs its end. */
function logRequest(log: Log): RequestHandler {
  return (request, response, next) => {
    withCorrelationId(id => {
      const startedAt = performance.now();
      response.setHeader('X-Correlation-Id', id);
      response.once('close', () => {
        // Without the query, which may hold a credential.
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

/** Responses hold what one user may see: they must not be cached, or rendered as a page. */
function setSecurityHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  next();
}

/** One spelling per path, so that a proxy that guards paths sees the same path as the router. */
function requireCanonicalPath(request: Request, _response: Response, next: NextFunction): void {
  const [path = ''] = request.originalUrl.split('?', 1);
  next(CANONICAL_PATH.test(path) ? undefined : new RemoteAccessError('not-found'));
}

/** The body parsers skip other media types, and the request would seem to have no body. */
function requireSupportedMediaType(
  request: Request,
  _response: Response,
  next: NextFunction,
): void {
  const length = request.headers['content-length'];
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(length ?? 0) > 0;
  const types = request.path === CSV_PATH ? [...JSON_TYPES, CSV_TYPE] : JSON_TYPES;
  const isSupported = !hasBody || request.is(types) !== false;
  next(isSupported ? undefined : new RemoteAccessError('unsupported-media-type'));
}
