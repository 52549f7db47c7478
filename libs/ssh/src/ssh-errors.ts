import { printable, RemoteAccessError } from '@remote-access/contracts';
import type { HostKey } from '@remote-access/ssh-keys';
import type { UnmatchedAlgorithms } from './algorithms';

/**
 * The server as named in the endpoint; used only in error texts, because the gateway makes the
 * connection.
 */
export interface SshEndpoint {
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
}

/**
 * UIs match the detail: its wording is part of the contract.
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
      `Expected ${pinned}, but the server presented ${key.sha256} (${key.md5}). Nothing was sent. ` +
      "Ask the server's administrator whether it was reinstalled or has new keys, and compare with " +
      'the output of ssh-keygen -l there. If the key is right, replace the host key of the ' +
      'endpoint. If not, someone may be intercepting the connection: do not connect.',
  });
}

export function hostKeyRevoked(endpoint: SshEndpoint, key: HostKey): RemoteAccessError {
  return new RemoteAccessError('host-key-mismatch', {
    detail:
      `Could not connect to endpoint ${endpoint.name}. The \`${key.type}\` host key with ` +
      `fingerprint \`${key.sha256}\` is marked as revoked in the endpoint.`,
    hint:
      'Nothing was sent. Someone who has stolen this key may be intercepting the connection. Ask ' +
      "the server's administrator for its new key.",
  });
}

/**
 * UIs match the detail: its wording is part of the contract.
 * @param methods those that the server would have accepted (RFC 4252 5.1)
 * @param description of the server's disconnect message (RFC 4253 11.1)
 */
export function signInRefused(
  endpoint: SshEndpoint,
  username: string,
  methods: readonly string[],
  description = '',
): RemoteAccessError {
  return new RemoteAccessError('sign-in-refused', {
    detail:
      `Could not login to ssh server on endpoint "${endpoint.name}". ` +
      `Provided credential for user "${username}" is incorrect.`,
    hint:
      `The server accepts: ${listOf(methods)}. Check the user name and the stored credential.` +
      (description === ''
        ? ''
        : ` The server said: "${printable(description, MAX_DESCRIPTION_CHARACTERS)}".`),
  });
}

/** The stored credential was accepted, but not a further factor that the server requires. */
export function signInIncomplete(
  endpoint: SshEndpoint,
  username: string,
  methods: readonly string[],
): RemoteAccessError {
  return new RemoteAccessError('sign-in-refused', {
    detail:
      `The SSH server on endpoint "${endpoint.name}" accepted the stored credential of user ` +
      `"${username}", but not what it required in addition (${listOf(methods)}).`,
    hint: 'A password or code was wrong, or the server requires a method that is not supported here.',
  });
}

/** The server asks for something that only the user knows, and nobody can be asked. */
export function unansweredQuestion(endpoint: SshEndpoint, question: string): RemoteAccessError {
  return new RemoteAccessError('sign-in-refused', {
    detail:
      `The SSH server on endpoint "${endpoint.name}" asks for more than the stored password` +
      `${question === '' ? '' : ` ("${printable(question)}")`}. This client cannot answer: ` +
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
      `The SSH server on endpoint "${endpoint.name}" accepts the stored key only with ` +
      `weak signatures (${algorithm}).`,
    hint: ALLOW_LEGACY,
  });
}

export function noCommonAlgorithm(
  endpoint: SshEndpoint,
  { offers, areOld }: UnmatchedAlgorithms,
): RemoteAccessError {
  const names = offers.join('; ');
  return new RemoteAccessError('target-failed', {
    detail: areOld
      ? `Could not connect to endpoint "${endpoint.name}". The SSH server supports only outdated algorithms: ${names}.`
      : `Could not connect to endpoint "${endpoint.name}". The SSH server offers no algorithms that are supported here: ${names}.`,
    hint: areOld ? ALLOW_LEGACY : ENABLE_OTHERS,
  });
}

const ENABLE_OTHERS =
  'Enable one of these on the server: key exchange curve25519-sha256, host key ssh-ed25519 or ' +
  'RSA, cipher aes256-gcm@openssh.com or aes256-ctr, MAC hmac-sha2-256.';

/** The only common cipher would be vulnerable to prefix truncation (CVE-2023-48795). */
export function cipherNeedsStrictExchange(
  endpoint: SshEndpoint,
  cipher: string,
): RemoteAccessError {
  return new RemoteAccessError('target-failed', {
    detail:
      `Could not connect to endpoint "${endpoint.name}". The SSH server offers the cipher ` +
      `${cipher} without strict key exchange, so that messages could be removed on the way ` +
      '(Terrapin, CVE-2023-48795). Nothing was sent to sign in.',
    hint: 'Update the SSH server, or enable an AES cipher on it, such as aes256-ctr.',
  });
}

export function shellRefused(
  endpoint: SshEndpoint,
  command: string | undefined,
  cause: unknown,
): RemoteAccessError {
  return new RemoteAccessError('target-failed', {
    detail:
      `Could not connect to endpoint "${endpoint.name}". The SSH server accepted the sign-in but ` +
      (command === undefined ? 'refused to open a shell.' : 'refused to run the command.'),
    hint:
      command === undefined
        ? 'If the server only runs commands, enter one in the endpoint (command). Otherwise check ' +
          'on the server that this user may log in.'
        : 'Check the command in the endpoint, and on the server what this user may run.',
    cause,
  });
}

const ALLOW_LEGACY =
  'Update the server. If that is not possible, allow weak algorithms in the endpoint ' +
  '(legacyAlgorithms). An attacker on the network may then be able to read the session.';

function listOf(methods: readonly string[]): string {
  return methods.length === 0 ? 'nothing' : printable(methods.join(', '), MAX_METHODS_CHARACTERS);
}

/** For a sentence from the server. */
const MAX_DESCRIPTION_CHARACTERS = 200;

/** Five methods are standardized, and some servers add their own. */
const MAX_METHODS_CHARACTERS = 120;

export function passwordExpired(endpoint: SshEndpoint, username: string): RemoteAccessError {
  return new RemoteAccessError('sign-in-refused', {
    detail:
      `The SSH server on endpoint "${endpoint.name}" requires user "${username}" to ` +
      'change the password. Change it on the server, then store it with the endpoint.',
  });
}

export function targetFailed(
  endpoint: SshEndpoint,
  what: string,
  cause?: unknown,
  description = '',
): RemoteAccessError {
  const said =
    description === '' ? '' : ` It said: "${printable(description, MAX_DESCRIPTION_CHARACTERS)}".`;
  return new RemoteAccessError('target-failed', {
    detail: `Could not connect to endpoint "${endpoint.name}". ${what}${said}`,
    cause,
  });
}

export function targetTimeout(endpoint: SshEndpoint, what: string): RemoteAccessError {
  return new RemoteAccessError('target-timeout', {
    detail: `Could not connect to endpoint "${endpoint.name}". ${what}`,
  });
}
