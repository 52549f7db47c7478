import { printable, RemoteAccessError } from '@remote-access/contracts';
import type { HostKey } from './host-key';
import type { SshEndpoint } from './ssh-endpoint';

// UIs match the texts of these two functions: the words are part of the contract.

export function hostKeyMismatch(endpoint: SshEndpoint, key: HostKey): RemoteAccessError {
  return new RemoteAccessError('host-key-mismatch', {
    detail:
      `Could not connect to endpoint ${endpoint.name}. Could not verify \`${key.type}\` host key ` +
      `with fingerprint \`${key.sha256}\` for \`${endpoint.hostname}\` on port ${endpoint.port}. ` +
      'If you expected that key, please remove the previous one from configuration to allow ' +
      'for connection.',
  });
}

export function signInRefused(endpoint: SshEndpoint, username: string): RemoteAccessError {
  return new RemoteAccessError('sign-in-refused', {
    detail:
      `Could not login to ssh server on endpoint "${endpoint.name}". ` +
      `Provided credential for user "${username}" is incorrect.`,
  });
}

/** The server wants answers that only a person has. */
export function unansweredQuestion(endpoint: SshEndpoint, question: string): RemoteAccessError {
  return new RemoteAccessError('sign-in-refused', {
    detail:
      `The SSH server on endpoint "${endpoint.name}" asks for more than the stored password` +
      `${question === '' ? '' : ` ("${printable(question)}")`}. Answering it is not supported yet.`,
  });
}

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
