import { Injectable } from '@nestjs/common';
import { RemoteAccessError, type SecretField } from '@remote-access/contracts';
import { openShell, PinnedHostKeys, type ShellStream, type SshSignIn } from '@remote-access/ssh';
import { isRefusal, type Refusal } from '../access/refusal';
import { CredentialVault } from '../credentials/credential-vault';
import type { Secret } from '../settings/secret';
import type {
  Bridge,
  BridgeEnd,
  BridgeOpener,
  EndpointPlace,
  ProtocolDriver,
} from './protocol-driver';

/** Ends SSH here, so that clients get the bytes of a terminal. */
@Injectable()
export class SshDriver implements ProtocolDriver {
  constructor(private readonly vault: CredentialVault) {}

  async prepare(place: EndpointPlace): Promise<BridgeOpener | Refusal> {
    const { endpoint } = place;
    const signIn = await this.signIn(place);
    if (isRefusal(signIn)) return signIn;
    const refusal = pinRefusal(endpoint.credentials.hostKey);
    if (refusal) return refusal;
    return async ({ deviceSide, ...told }): Promise<Bridge> => {
      const shell = await openShell({
        socket: deviceSide,
        endpoint,
        signIn,
        pinnedHostKeys: endpoint.credentials.hostKey,
        ...told,
      });
      return {
        target: shell,
        resize: size => shell.resize(size),
        end: () => endOf(shell, endpoint.name),
      };
    };
  }

  private async signIn(place: EndpointPlace): Promise<SshSignIn | Refusal> {
    const { type, username } = place.endpoint.credentials;
    switch (type) {
      case 'USER_PASS': {
        const password = await this.open(place, 'password');
        if (isRefusal(password)) return password;
        return { type: 'password', username: username ?? '', password: password.reveal() };
      }
      case 'KEY_PAIR': {
        const privateKey = await this.open(place, 'privateKey');
        if (isRefusal(privateKey)) return privateKey;
        return { type: 'key', username: username ?? '', privateKey: privateKey.reveal() };
      }
      case 'CERTIFICATE': {
        const detail = 'Signing in with an SSH certificate is not available yet.';
        return new RemoteAccessError('protocol-not-served', { detail });
      }
      case 'NONE':
      case 'PASS_ONLY': {
        const detail = `Protocol "SSH" does not support "${type}" credentials type`;
        return new RemoteAccessError('invalid-endpoint', { detail });
      }
      default:
        return type satisfies never;
    }
  }

  private async open(place: EndpointPlace, field: SecretField): Promise<Secret | Refusal> {
    const stored = place.endpoint.credentials[field];
    if (stored === null) return new RemoteAccessError('credentials-unusable');
    return this.vault.open(place, field, stored);
  }
}

function pinRefusal(hostKey: string | null): Refusal | undefined {
  try {
    PinnedHostKeys.parse(hostKey);
    return undefined;
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

function endOf(shell: ShellStream, name: string): BridgeEnd {
  const { exitStatus, connectionLost } = shell;
  if (connectionLost || shell.errored) {
    const detail = `The connection to endpoint "${name}" was lost.`;
    const error = new RemoteAccessError('target-failed', { detail, cause: shell.errored });
    return { by: 'target', error };
  }
  return { by: 'target', ...(exitStatus === undefined ? {} : { exitStatus }) };
}
