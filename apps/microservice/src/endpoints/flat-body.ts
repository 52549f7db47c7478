import type { Endpoint } from '@remote-access/contracts';
import { isObject } from './body-reader';

/**
 * The flat body that says what a partial one means: the stored endpoint with the given fields in
 * place of its own. Secrets that are not given stay absent, which keeps them.
 */
export function flatBody(endpoint: Endpoint, partial: unknown): unknown {
  if (!isObject(partial)) return partial;
  const { name, hostname, port, protocol, attrs, credentials } = endpoint;
  const { type, username, publicKey, certificate, hostKey } = credentials;
  const plain = { name, hostname, port, protocol, attrs, credentialsType: type };
  return { ...plain, username, publicKey, certificate, hostKey, ...partial };
}
