import { RemoteAccessError } from '@remote-access/contracts';
import { json, text, type NextFunction, type Request, type Response } from 'express';

/** An endpoint with its keys takes some kilobytes; the catalogue promises this bound. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Also the platform's own media types, e.g. `application/vnd.com.nsn.cumulocity.x+json`. */
const JSON_TYPES = ['json', '+json'];

/** Reads JSON bodies. Not compressed ones: a megabyte can unpack to a gigabyte. */
export const readJson = json({ limit: MAX_BODY_BYTES, type: JSON_TYPES, inflate: false });

/** Where a file for spreadsheets may come in. */
const CSV_PATH = '/configurations/import';
const CSV_TYPE = 'text/csv';

/** Reads a CSV file as a text, under the same bounds. */
export const readText = text({ limit: MAX_BODY_BYTES, type: CSV_TYPE, inflate: false });

/** Refuses bodies of another type, which would otherwise be taken for absent ones. */
export function onlyKnownBodies(request: Request, _response: Response, next: NextFunction): void {
  const length = request.headers['content-length'];
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(length ?? 0) > 0;
  const types = request.path === CSV_PATH ? [...JSON_TYPES, CSV_TYPE] : JSON_TYPES;
  const isKnown = !hasBody || request.is(types) !== false;
  next(isKnown ? undefined : new RemoteAccessError('unsupported-media-type'));
}
