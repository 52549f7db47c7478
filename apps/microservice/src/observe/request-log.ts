import type { NextFunction, Request, Response } from 'express';
import { correlated } from './correlation';
import type { Log } from './log';

/**
 * Gives each request an id, which the answer carries too, and logs its end. Paths only: a query
 * may hold a credential.
 */
export function requestLog(log: Log) {
  return (request: Request, response: Response, next: NextFunction): void => {
    correlated(id => {
      const startedAt = performance.now();
      response.setHeader('X-Correlation-Id', id);
      response.once('close', () => {
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
