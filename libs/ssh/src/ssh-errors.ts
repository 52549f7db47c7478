import { printable, RemoteAccessError } from '@remote-access/contracts';
import type { HostKey } from '@remote-access/ssh-keys';

/** The server as the endpoint names it, for error texts only: the gateway connects to it. */
export interface SshEndpoint {
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
}

/**
 * UIs match the detail: its words are part of the contract.
 * @param expected the keys that would have been accepted
 */
export function hostKeyMismatch(
  endpoint: SshEndpoint,
  key: HostKey,
  expected: readonly HostKey[],
): RemoteAccessError {
  const pinned = expected.map(one => `${one.sha256} (${one.shortName})`).join(', ');
  return new RemoteAccessError('host-key-mismatch', {
    detail:
      `Could not connect to endpoint ${endpoint.name}. Could not verify \`${key.type}\` host key ` +
      `with fingerprint \`${key.sha256}\` for \`${endpoint.hostname}\` on port ${endpoint.port}. ` +
      'If you expected that key, please remove the previous one from configuration to allow ' +
      'for connection.',
    hint:
      `Expected was ${pinned}; shown was ${key.sha256} (${key.md5}). Nothing was sent. Ask who runs ` +
      'the server whether it was installed anew or got new keys, and compare with what ssh-keygen ' +
      '-l shows there. If so, replace the host key of the endpoint; if not, somebody may be in ' +
      'between: do not connect.',
  });
}

/**
 * UIs match the detail: its words are part of the contract.
 * @param methods those that the server would have accepted (RFC 4252 5.1)
 */
export function signInRefused(
  endpoint: SshEndpoint,
  username: string,
  methods: readonly string[],
): RemoteAccessError {
  return new RemoteAccessError('sign-in-refused', {
    detail:
      `Could not login to ssh server on endpoint "${endpoint.name}". ` +
      `Provided credential for user "${username}" is incorrect.`,
    hint: `The server takes: ${listOf(methods)}. Check the user name and what is stored for it.`,
  });
}

/** The stored credential was accepted, but not a further proof that the server requires. */
export function signInIncomplete(
  endpoint: SshEndpoint,
  username: string,
  methods: readonly string[],
): RemoteAccessError {
  return new RemoteAccessError('sign-in-refused', {
    detail:
      `The SSH server on endpoint "${endpoint.name}" accepted the stored credential of user ` +
      `"${username}", but not what it asked for besides (${listOf(methods)}).`,
    hint: 'A password or code that was entered was wrong, or the server wants a proof that cannot be given here.',
  });
}

/** The server asks for something that only a person knows, and nobody can be asked. */
export function unansweredQuestion(endpoint: SshEndpoint, question: string): RemoteAccessError {
  return new RemoteAccessError('sign-in-refused', {
    detail:
      `The SSH server on endpoint "${endpoint.name}" asks for more than the stored password` +
      `${question === '' ? '' : ` ("${printable(question)}")`}. This client cannot be asked: ` +
      'connect in Device Management.',
  });
}

export function tooManyQuestions(endpoint: SshEndpoint): RemoteAccessError {
  return targetFailed(endpoint, 'The SSH server does not stop asking questions.');
}

/** @param algorithm the only one with which the server accepts the stored key's signature */
export function weakSignature(endpoint: SshEndpoint, algorithm: string): RemoteAccessError {
  return new RemoteAccessError('sign-in-refused', {
    detail:
      `The SSH server on endpoint "${endpoint.name}" takes the stored key only with signatures that ` +
      `are known to be weak (${algorithm}).`,
    hint: ALLOW_LEGACY,
  });
}

/** @param offered the server's algorithms in the categories without a match */
export function weakAlgorithms(
  endpoint: SshEndpoint,
  offered: readonly string[],
  isLegacyAllowed: boolean,
): RemoteAccessError {
  const names = offered.join('; ');
  return new RemoteAccessError('target-failed', {
    detail: isLegacyAllowed
      ? `Could not connect to endpoint "${endpoint.name}". The SSH server offers nothing that is known here: ${names}.`
      : `Could not connect to endpoint "${endpoint.name}". The SSH server has only old algorithms: ${names}.`,
    ...(isLegacyAllowed ? {} : { hint: ALLOW_LEGACY }),
  });
}

const ALLOW_LEGACY =
  'Update the server. If that cannot be done, allow weak algorithms in the endpoint ' +
  '(legacyAlgorithms): who is in between may then be able to read along.';

function listOf(methods: readonly string[]): string {
  return methods.length === 0 ? 'nothing' : printable(methods.join(', '), MAX_METHODS_CHARACTERS);
}

/** Five methods are standardized, and some servers add their own. */
const MAX_METHODS_CHARACTERS = 120;

export function passwordExpired(endpoint: SshEndpoint, username: string): RemoteAccessError {
  return new RemoteAccessError('sign-in-refused', {
    detail:
      `The SSH server on endpoint "${endpoint.name}" demands a new password for user ` +
      `"${username}". Change it at the server, then store it with the endpoint.`,
  });
}

export function targetFailed(
  endpoint: SshEndpoint,
  what: string,
  cause?: unknown,
): RemoteAccessError {
  return new RemoteAccessError('target-failed', {
    detail: `Could not connect to endpoint "${endpoint.name}". ${what}`,
    cause,
  });
}

export function targetTimeout(endpoint: SshEndpoint, what: string): RemoteAccessError {
  return new RemoteAccessError('target-timeout', {
    detail: `Could not connect to endpoint "${endpoint.name}". ${what}`,
  });
}
