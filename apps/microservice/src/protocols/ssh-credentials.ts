import { Injectable } from '@nestjs/common';
import {
  isRefusal,
  printable,
  type Refusal,
  RemoteAccessError,
  type SecretField,
} from '@remote-access/contracts';
import type { SshSignIn } from '@remote-access/ssh';
import { type Certificate, KeyReader } from '@remote-access/ssh-keys';
import { SecretVault } from '../secrets/secret-vault';
import type { Secret } from '@remote-access/settings';
import type { LocatedEndpoint } from './protocol-driver';

/** Certificates for whole departments list dozens of principals. */
const MAX_PRINCIPALS_CHARACTERS = 200;

/** The unsealed credentials with which an endpoint is signed in to. */
export interface OpenedCredentials {
  readonly signIn: SshSignIn;
  /** Adds to a refused sign-in what the server does not say, if it is known. */
  readonly explain: (cause: unknown) => unknown;
}

/** Unseals the credentials for signing in to SSH servers. */
@Injectable()
export class SshCredentials {
  /** Certificates are not encrypted, so no key derivation is needed. */
  private readonly reader = new KeyReader(() => Promise.reject(new Error('Nothing to derive')));

  constructor(private readonly vault: SecretVault) {}

  async open(located: LocatedEndpoint): Promise<OpenedCredentials | Refusal> {
    const { type, username: name } = located.endpoint.credentials;
    const username = name ?? '';
    switch (type) {
      case 'USER_PASS': {
        const password = await this.secret(located, 'password');
        if (isRefusal(password)) return password;
        return plain({ type: 'password', username, password: password.reveal() });
      }
      case 'KEY_PAIR': {
        const privateKey = await this.secret(located, 'privateKey');
        if (isRefusal(privateKey)) return privateKey;
        return plain({ type: 'key', username, privateKey: privateKey.reveal() });
      }
      case 'CERTIFICATE':
        return this.certified(located, username);
      case 'NONE':
      case 'PASS_ONLY': {
        const detail = `Protocol "SSH" does not support "${type}" credentials type`;
        return new RemoteAccessError('invalid-endpoint', { detail });
      }
      default:
        return type satisfies never;
    }
  }

  private async certified(
    located: LocatedEndpoint,
    username: string,
  ): Promise<OpenedCredentials | Refusal> {
    const privateKey = await this.secret(located, 'privateKey');
    if (isRefusal(privateKey)) return privateKey;
    const certificate = located.endpoint.credentials.certificate ?? '';
    const read = await this.reader.certificate(certificate);
    if (isRefusal(read)) {
      const detail = `The certificate stored with this endpoint cannot be used. ${read.message}`;
      return new RemoteAccessError('credentials-unusable', { detail });
    }
    return {
      signIn: { type: 'certificate', username, privateKey: privateKey.reveal(), certificate },
      explain: cause => explained(cause, read.value, username),
    };
  }

  private async secret(located: LocatedEndpoint, field: SecretField): Promise<Secret | Refusal> {
    const stored = located.endpoint.credentials[field];
    if (stored === null) return new RemoteAccessError('credentials-unusable');
    return this.vault.open(located, field, stored);
  }
}

function plain(signIn: SshSignIn): OpenedCredentials {
  return { signIn, explain: cause => cause };
}

/** A server does not say why it refused; the certificate often shows the reason. */
function explained(cause: unknown, certificate: Certificate, username: string): unknown {
  if (!isRefusal(cause) || cause.code !== 'sign-in-refused') return cause;
  const problem = certificateProblem(certificate, username, new Date());
  if (!problem) return cause;
  const detail = `${cause.message} ${problem}`;
  return new RemoteAccessError('sign-in-refused', { detail, hint: cause.hint });
}

/**
 * Why a server may have refused a certificate, as far as the certificate shows.
 * @returns one sentence for the user
 */
function certificateProblem(
  { validAfter, validBefore, principals }: Certificate,
  username: string,
  now: Date,
): string | undefined {
  if (validBefore && validBefore <= now) {
    return `Its certificate expired on ${shown(validBefore)}: store a new one.`;
  }
  if (validAfter && validAfter > now) {
    return `Its certificate is not valid before ${shown(validAfter)}.`;
  }
  if (principals.length > 0 && !principals.includes(username)) {
    const names = printable(principals.join(', '), MAX_PRINCIPALS_CHARACTERS);
    return `Its certificate is for ${names}, not for ${username}.`;
  }
  return undefined;
}

function shown(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
