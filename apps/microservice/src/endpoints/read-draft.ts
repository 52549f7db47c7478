import {
  CREDENTIALS_OF,
  CREDENTIALS_TYPES,
  type CredentialsType,
  type Protocol,
  PROTOCOLS,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { BodyReader, isObject } from './body-reader';
import type { CredentialField, EndpointDraft } from './endpoint-draft';
import { readOptions } from './endpoint-options';
import { hostNameProblem } from './host-name';
import { usedFields } from './used-fields';

/**
 * Reads the flat body of POST and PUT. What is missing of the secrets is not looked at here: on
 * PUT they may be kept. Nor are keys: EndpointKeys reads them.
 * @returns `malformed-request` for what is no object, `invalid-endpoint` with every problem
 */
export function readDraft(body: unknown): EndpointDraft | Refusal {
  if (!isObject(body)) {
    return new RemoteAccessError('malformed-request', { detail: 'The body must be an object.' });
  }
  const reader = new BodyReader(body);
  const name = reader.line('name');
  const hostname = hostnameOf(reader);
  const port = reader.port();
  const protocol = reader.oneOf('protocol', PROTOCOLS);
  const credentialsType = protocol && credentialsTypeOf(reader, protocol);
  const attrs = reader.object('attrs');
  if (!protocol || !credentialsType) return invalidEndpoint(reader.problems);

  const options = readOptions(reader, protocol);
  const used = usedFields(protocol, credentialsType);
  const given = (field: CredentialField): string | null | undefined =>
    used.has(field) ? reader.text(field) : null;
  const draft: EndpointDraft = {
    name,
    hostname,
    port,
    protocol,
    credentialsType,
    plain: {
      username: given('username') ?? null,
      publicKey: given('publicKey') ?? null,
      certificate: given('certificate') ?? null,
      hostKey: given('hostKey') ?? null,
    },
    secrets: { password: given('password'), privateKey: given('privateKey') },
    passphrase: reader.text('passphrase') ?? null,
    options,
    attrs,
  };
  return reader.problems.length > 0 ? invalidEndpoint(reader.problems) : draft;
}

/** One refusal for all problems; a single one keeps its words, which clients match. */
export function invalidEndpoint(problems: readonly string[]): Refusal {
  return new RemoteAccessError('invalid-endpoint', { detail: problems.join('; ') });
}

function hostnameOf(reader: BodyReader): string {
  const before = reader.problems.length;
  const hostname = reader.line('hostname');
  const problem = reader.problems.length === before ? hostNameProblem(hostname) : undefined;
  if (problem) reader.problem(`hostname ${problem}`);
  return hostname;
}

/** Where a protocol needs no sign-in the type may be left out. */
function credentialsTypeOf(reader: BodyReader, protocol: Protocol): CredentialsType | undefined {
  const allowed = CREDENTIALS_OF[protocol];
  if (!reader.has('credentialsType') && allowed.includes('NONE')) return 'NONE';
  const type = reader.oneOf('credentialsType', CREDENTIALS_TYPES);
  if (type && !allowed.includes(type)) {
    reader.problem(`Protocol "${protocol}" does not support "${type}" credentials type`);
    return undefined;
  }
  return type;
}
