import {
  CIPHER_MARK,
  CREDENTIALS_OF,
  CREDENTIALS_TYPES,
  type CredentialsType,
  DEFAULT_PORTS,
  type Endpoint,
  type EndpointCredentials,
  type EndpointOptions,
  OPTIONS_OF,
  type Protocol,
  PROTOCOLS,
  type Refusal,
  RemoteAccessError,
  type SecretField,
} from '@remote-access/contracts';
import { BodyReader, isObject } from './body-reader';
import { readOptions, withStoredOptions } from './endpoint-options';

/** A credential that is stored unencrypted. */
type PlainField = Exclude<keyof EndpointCredentials, 'type' | SecretField>;

type CredentialField = PlainField | SecretField;

/**
 * A validated request body whose secrets are not sealed yet. Fields that the sign-in method does
 * not use have been dropped.
 */
export interface EndpointDraft {
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly credentialsType: CredentialsType;
  readonly plain: Readonly<Record<PlainField, string | null>>;
  /** `undefined` if the body does not name the field, `null` if it clears the field. */
  readonly secrets: Readonly<Record<SecretField, string | null | undefined>>;
  /** Decrypts the private key in the same body; never stored. */
  readonly passphrase: string | null;
  /** The protocol options that the body names. */
  readonly options: Readonly<EndpointOptions>;
  readonly attrs: Endpoint['attrs'];
}

/**
 * Validates the flat body of POST and PUT. Missing secrets are not reported here, because PUT may
 * keep the stored ones. Keys are validated by EndpointKeyNormaliser.
 * @returns `malformed-request` unless the body is an object, `invalid-endpoint` with every problem
 */
export function readDraft(body: unknown): EndpointDraft | Refusal {
  if (!isObject(body)) {
    return new RemoteAccessError('malformed-request', { detail: 'The body must be an object.' });
  }
  const reader = new BodyReader(body);
  const name = reader.line('name');
  const hostname = reader.hostname();
  const port = reader.port();
  const protocol = reader.oneOf('protocol', PROTOCOLS);
  const credentialsType = protocol && readCredentialsType(reader, protocol);
  const attrs = reader.object('attrs');
  if (!protocol || !credentialsType) return invalidEndpoint(reader.problems);

  const options = readOptions(reader, protocol);
  const fields = credentialFieldsOf(protocol, credentialsType);
  const credential = (field: CredentialField): string | null | undefined =>
    fields.has(field) ? reader.text(field) : null;
  const draft: EndpointDraft = {
    name,
    hostname,
    port,
    protocol,
    credentialsType,
    plain: {
      username: credential('username') ?? null,
      publicKey: credential('publicKey') ?? null,
      certificate: credential('certificate') ?? null,
      hostKey: credential('hostKey') ?? null,
    },
    secrets: { password: credential('password'), privateKey: credential('privateKey') },
    passphrase: reader.text('passphrase') ?? null,
    options,
    attrs,
  };
  return reader.problems.length > 0 ? invalidEndpoint(reader.problems) : draft;
}

/**
 * One refusal for all problems. A single problem becomes the whole message, because clients match
 * it.
 */
export function invalidEndpoint(problems: readonly string[]): Refusal {
  return new RemoteAccessError('invalid-endpoint', { detail: problems.join('; ') });
}

/**
 * By default, the type that fits the given credentials, which go-c8y-cli's create-webssh relies on.
 */
function readCredentialsType(reader: BodyReader, protocol: Protocol): CredentialsType | undefined {
  const allowed = CREDENTIALS_OF[protocol];
  if (!reader.has('credentialsType')) {
    const type = impliedType(reader);
    if (allowed.includes(type)) return type;
    if (allowed.includes('NONE')) return 'NONE';
    reader.problem(
      'username with password (USER_PASS) or privateKey (KEY_PAIR) must be given, or credentialsType',
    );
    return undefined;
  }
  const type = reader.oneOf('credentialsType', CREDENTIALS_TYPES);
  if (type && !allowed.includes(type)) {
    reader.problem(`Protocol "${protocol}" does not support "${type}" credentials type`);
    return undefined;
  }
  return type;
}

function impliedType(reader: BodyReader): CredentialsType {
  const isGiven = (field: string): boolean => reader.has(field) && reader.text(field) !== null;
  if (isGiven('certificate')) return 'CERTIFICATE';
  if (isGiven('privateKey')) return 'KEY_PAIR';
  if (!isGiven('password')) return 'NONE';
  return isGiven('username') ? 'USER_PASS' : 'PASS_ONLY';
}

/**
 * Adds the defaults for an SSH server on the gateway itself to the body of POST: `create-webssh` of
 * go-c8y-cli omits everything that is not given on its command line.
 */
export function withSshDefaults(body: unknown): unknown {
  if (!isObject(body) || body['protocol'] !== 'SSH') return body;
  return { name: 'SSH', hostname: '127.0.0.1', port: DEFAULT_PORTS.SSH, ...body };
}

const FIELDS_OF_TYPE: Readonly<Record<CredentialsType, readonly CredentialField[]>> = {
  NONE: [],
  PASS_ONLY: ['password'],
  USER_PASS: ['username', 'password'],
  KEY_PAIR: ['username', 'privateKey', 'publicKey'],
  CERTIFICATE: ['username', 'privateKey', 'publicKey', 'certificate'],
};

/**
 * Protocols whose servers present a key; with VNC it is that of a TLS certificate or of RSA-AES.
 */
const PROTOCOLS_WITH_HOST_KEY: readonly Protocol[] = ['SSH', 'VNC'];

/** The credentials that an endpoint of this kind may have; all others are null. */
function credentialFieldsOf(protocol: Protocol, type: CredentialsType): Set<CredentialField> {
  const fields = new Set(FIELDS_OF_TYPE[type]);
  if (PROTOCOLS_WITH_HOST_KEY.includes(protocol)) fields.add('hostKey');
  return fields;
}

/**
 * A draft with what the vendor's forms do not send, where the body does not name it: the stored
 * options, and the stored username and host key, since its form for VNC has neither. With another
 * protocol only options are kept. With another host or port the host key is dropped, because it is
 * another server's, and the username is kept only together with a new secret.
 */
export function withStoredFields(
  draft: EndpointDraft,
  stored: Endpoint,
  body: unknown,
): EndpointDraft {
  const withOptions = withStoredOptions(draft, stored, body);
  if (draft.protocol !== stored.protocol || !isObject(body)) return withOptions;
  const isMoved = draft.hostname !== stored.hostname || draft.port !== stored.port;
  const fields = credentialFieldsOf(draft.protocol, draft.credentialsType);
  const isKept = (field: PlainField): boolean => fields.has(field) && !Object.hasOwn(body, field);
  const { username, hostKey } = stored.credentials;
  const plain = {
    ...draft.plain,
    ...(isKept('username') && (!isMoved || hasNewSecret(draft)) ? { username } : {}),
    ...(isKept('hostKey') && !isMoved ? { hostKey } : {}),
  };
  return { ...withOptions, plain };
}

function hasNewSecret({ secrets }: EndpointDraft): boolean {
  return [secrets.password, secrets.privateKey].some(isNewSecret);
}

/**
 * Applies a merge patch (RFC 7396) to the flat form of a stored endpoint. Secrets that the patch
 * does not name stay absent, so the stored ones are kept. A new private key drops the stored public
 * key, which is then derived again.
 */
export function mergePatch(endpoint: Endpoint, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const { name, hostname, port, protocol, attrs, credentials } = endpoint;
  const { type, username, certificate, hostKey } = credentials;
  const publicKey = isNewSecret(patch['privateKey']) ? null : credentials.publicKey;
  const plain = { name, hostname, port, protocol, attrs, credentialsType: type };
  const options = optionsFor(endpoint, patch['protocol'] ?? protocol);
  return { ...plain, ...options, username, publicKey, certificate, hostKey, ...patch };
}

/** If the protocol changes, only options that both protocols have are kept. */
function optionsFor(endpoint: Endpoint, newProtocol: unknown): Partial<Endpoint> {
  const protocol = PROTOCOLS.find(one => one === newProtocol);
  const names = protocol ? OPTIONS_OF[protocol] : [];
  return Object.fromEntries(names.map(name => [name, endpoint[name]]));
}

function isNewSecret(given: unknown): boolean {
  return typeof given === 'string' && !given.startsWith(CIPHER_MARK);
}
