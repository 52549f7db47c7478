import { RemoteAccessError } from '@remote-access/contracts';
import type { NextFunction, Request, Response } from 'express';

/** Every address we have is made of these; `%`, `//`, `..` and `;` are another spelling of one. */
const PLAIN_PATH = /^\/$|^(\/[\w-]+)+$|^\/openapi\.json$/;

/** One spelling for each address, so that whoever guards addresses before us sees what we see. */
export function plainPath(request: Request, _response: Response, next: NextFunction): void {
  const [path = ''] = request.originalUrl.split('?', 1);
  next(PLAIN_PATH.test(path) ? undefined : new RemoteAccessError('not-found'));
}
