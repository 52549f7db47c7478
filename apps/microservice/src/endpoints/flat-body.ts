import { OPTIONS_OF, PROTOCOLS, type Endpoint } from '@remote-access/contracts';
import { CIPHER_MARK } from '../credentials/sealed-text';
import { isObject } from './body-reader';

/**
 * The flat body that says what a partial one means: the stored endpoint with the given fields in
 * place of its own. Secrets that are not given stay absent, which keeps them; the public half of a
 * private key goes with it.
 */
export function flatBody(endpoint: Endpoint, partial: unknown): unknown {
  if (!isObject(partial)) return partial;
  const { name, hostname, port, protocol, attrs, credentials } = endpoint;
  const { type, username, certificate, hostKey } = credentials;
  const publicKey = bringsPrivateKey(partial) ? null : credentials.publicKey;
  const plain = { name, hostname, port, protocol, attrs, credentialsType: type };
  const options = optionsKept(endpoint, partial['protocol'] ?? protocol);
  return { ...plain, ...options, username, publicKey, certificate, hostKey, ...partial };
}

/** With another protocol only what that one knows too. */
function optionsKept(endpoint: Endpoint, after: unknown): Partial<Endpoint> {
  const protocol = PROTOCOLS.find(one => one === after);
  const names = protocol ? OPTIONS_OF[protocol] : [];
  return Object.fromEntries(names.map(name => [name, endpoint[name]]));
}

function bringsPrivateKey({ privateKey }: Readonly<Record<string, unknown>>): boolean {
  return typeof privateKey === 'string' && !privateKey.startsWith(CIPHER_MARK);
}
