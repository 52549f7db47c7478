import { type HostKeyFetchBody, type Refusal, RemoteAccessError } from '@remote-access/contracts';
import { BodyReader, isObject } from '../endpoints/body-reader';
import { hostNameProblem } from '../endpoints/host-name';
import { invalidEndpoint } from '../endpoints/read-draft';

/** @returns `malformed-request`; `invalid-endpoint` in the words that an endpoint's fields have */
export function readHostKeyFetchBody(body: unknown): Required<HostKeyFetchBody> | Refusal {
  if (!isObject(body)) {
    return new RemoteAccessError('malformed-request', { detail: 'The body must be an object.' });
  }
  const reader = new BodyReader(body);
  const hostname = reader.line('hostname');
  const problem = reader.problems.length === 0 ? hostNameProblem(hostname) : undefined;
  if (problem) reader.problem(`hostname ${problem}`);
  const port = reader.port();
  const legacyAlgorithms =
    reader.has('legacyAlgorithms') && reader.flag('legacyAlgorithms') === true;
  if (reader.problems.length > 0) return invalidEndpoint(reader.problems);
  return { hostname, port, legacyAlgorithms };
}
