import { type HostKeyFetchBody, type Refusal, RemoteAccessError } from '@remote-access/contracts';
import { BodyReader, isObject } from '../endpoints/body-reader';
import { invalidEndpoint } from '../endpoints/endpoint-draft';

/** @returns `malformed-request`; `invalid-endpoint` in the words that an endpoint's fields have */
export function readHostKeyFetchBody(body: unknown): Required<HostKeyFetchBody> | Refusal {
  if (!isObject(body)) {
    return new RemoteAccessError('malformed-request', { detail: 'The body must be an object.' });
  }
  const reader = new BodyReader(body);
  const hostname = reader.hostname();
  const port = reader.port();
  const legacyAlgorithms =
    reader.has('legacyAlgorithms') && reader.flag('legacyAlgorithms') === true;
  if (reader.problems.length > 0) return invalidEndpoint(reader.problems);
  return { hostname, port, legacyAlgorithms };
}
