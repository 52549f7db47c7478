import type { NextFunction, Request, Response } from 'express';

/** Answers hold what one user may see: no cache keeps them, no browser takes them for a page. */
export function answerHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  next();
}
