import { RemoteAccessError } from '@remote-access/contracts';
import { json, type NextFunction, type Request, type Response } from 'express';

/** An endpoint with its keys takes some kilobytes; the catalogue promises this bound. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Also the platform's own media types, e.g. `application/vnd.com.nsn.cumulocity.x+json`. */
const JSON_TYPES = ['json', '+json'];

/** Reads JSON bodies. Not compressed ones: a megabyte can unpack to a gigabyte. */
export const readJson = json({ limit: MAX_BODY_BYTES, type: JSON_TYPES, inflate: false });

/** Refuses bodies of another type, which would otherwise be taken for absent ones. */
export function onlyJson(request: Request, _response: Response, next: NextFunction): void {
  const length = request.headers['content-length'];
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(length ?? 0) > 0;
  const isJson = !hasBody || request.is(JSON_TYPES) !== false;
  next(isJson ? undefined : new RemoteAccessError('unsupported-media-type'));
}
