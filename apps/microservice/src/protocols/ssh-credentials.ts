import { Injectable } from '@nestjs/common';
import {
  isRefusal,
  type Refusal,
  RemoteAccessError,
  type SecretField,
} from '@remote-access/contracts';
import type { SshSignIn } from '@remote-access/ssh';
import type { Secret } from '@remote-access/settings';
import { SecretVault } from '../secrets/secret-vault';
import { type Certificate, KeyReader } from '@remote-access/ssh-keys';
import { certificateTrouble } from './certificate-trouble';
import type { EndpointPlace } from './protocol-driver';

/** What an endpoint has for signing in, opened. */
export interface OpenedCredentials {
  readonly signIn: SshSignIn;
  /** Says more of a refused sign-in than the server does, where that can be told. */
  readonly explain: (cause: unknown) => unknown;
}

/** Opens what endpoints have for signing in to SSH servers. */
@Injectable()
export class SshCredentials {
  constructor(
    private readonly vault: SecretVault,
    private readonly reader: KeyReader,
  ) {}

  async open(place: EndpointPlace): Promise<OpenedCredentials | Refusal> {
    const { type, username: name } = place.endpoint.credentials;
    const username = name ?? '';
    switch (type) {
      case 'USER_PASS': {
        const password = await this.secret(place, 'password');
        if (isRefusal(password)) return password;
        return plain({ type: 'password', username, password: password.reveal() });
      }
      case 'KEY_PAIR': {
        const privateKey = await this.secret(place, 'privateKey');
        if (isRefusal(privateKey)) return privateKey;
        return plain({ type: 'key', username, privateKey: privateKey.reveal() });
      }
      case 'CERTIFICATE':
        return this.certified(place, username);
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
    place: EndpointPlace,
    username: string,
  ): Promise<OpenedCredentials | Refusal> {
    const privateKey = await this.secret(place, 'privateKey');
    if (isRefusal(privateKey)) return privateKey;
    const certificate = place.endpoint.credentials.certificate ?? '';
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

  private async secret(place: EndpointPlace, field: SecretField): Promise<Secret | Refusal> {
    const stored = place.endpoint.credentials[field];
    if (stored === null) return new RemoteAccessError('credentials-unusable');
    return this.vault.open(place, field, stored);
  }
}

function plain(signIn: SshSignIn): OpenedCredentials {
  return { signIn, explain: cause => cause };
}

/** A server does not tell why it refused; what the certificate says often does. */
function explained(cause: unknown, certificate: Certificate, username: string): unknown {
  if (!isRefusal(cause) || cause.code !== 'sign-in-refused') return cause;
  const trouble = certificateTrouble(certificate, username, new Date());
  if (!trouble) return cause;
  const detail = `${cause.message} ${trouble}`;
  return new RemoteAccessError('sign-in-refused', { detail, hint: cause.hint });
}
