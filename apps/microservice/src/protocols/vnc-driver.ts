import { Injectable } from '@nestjs/common';
import { isRefusal, type Refusal, RemoteAccessError } from '@remote-access/contracts';
import { HostKeyVerifier } from '@remote-access/ssh';
import { PinnedHostKeys } from '@remote-access/ssh-keys';
import { openVnc, type Needs, type VncCredentials } from '@remote-access/vnc';
import { SecretVault } from '../secrets/secret-vault';
import { HostKeyPolicy } from '../host-keys/host-key-policy';
import type {
  Bridge,
  BridgeOpener,
  BridgeOpening,
  EndpointPlace,
  ProtocolDriver,
  SessionQuestions,
} from './protocol-driver';
import { plainBridge } from './raw-driver';

/** Signs in to VNC servers and joins them with viewers, which need no password then. */
@Injectable()
export class VncDriver implements ProtocolDriver {
  constructor(
    private readonly vault: SecretVault,
    private readonly hostKeys: HostKeyPolicy,
  ) {}

  async prepare(place: EndpointPlace): Promise<BridgeOpener | Refusal> {
    const credentials = await this.credentials(place);
    if (isRefusal(credentials)) return credentials;
    const pinned = pinnedKeys(place.endpoint.credentials.hostKey);
    if (isRefusal(pinned)) return pinned;
    return opening => this.open(place, credentials, pinned, opening);
  }

  private async open(
    place: EndpointPlace,
    credentials: VncCredentials,
    pinned: PinnedHostKeys,
    { deviceSide, clientSide, speaksV1, ...opening }: BridgeOpening,
  ): Promise<Bridge> {
    const { endpoint } = place;
    const { dialogue, onHostKey, onSignedIn } = opening;
    const trial = await this.hostKeys.forSession(place, opening);
    const verifier = new HostKeyVerifier(endpoint, pinned, {
      onHostKey,
      acceptHostKey: trial.accept,
    });
    const { target, greet } = await openVnc({
      deviceSide,
      clientSide,
      isRawClient: !speaksV1,
      endpointName: endpoint.name,
      credentials,
      checkServerKey: async key => {
        const refusal = await verifier.verify(Buffer.from(key));
        if (refusal) throw refusal;
      },
      onSignedIn: () => {
        onSignedIn();
        trial.signedIn();
      },
      ...(dialogue ? { ask: needs => askFor(needs, endpoint.name, dialogue) } : {}),
    });
    return { ...plainBridge(target), greet };
  }

  private async credentials(place: EndpointPlace): Promise<VncCredentials | Refusal> {
    const { type, username, password: stored } = place.endpoint.credentials;
    switch (type) {
      case 'NONE':
        return {};
      case 'PASS_ONLY':
      case 'USER_PASS': {
        if (stored === null) return new RemoteAccessError('credentials-unusable');
        const opened = await this.vault.open(place, 'password', stored);
        if (isRefusal(opened)) return opened;
        const password = opened.reveal();
        return type === 'PASS_ONLY' ? { password } : { username: username ?? '', password };
      }
      case 'KEY_PAIR':
      case 'CERTIFICATE': {
        const detail = `Protocol "VNC" does not support "${type}" credentials type`;
        return new RemoteAccessError('invalid-endpoint', { detail });
      }
      default:
        return type satisfies never;
    }
  }
}

/** A pin that cannot be read must not open the session as if there were none. */
function pinnedKeys(hostKey: string | null): PinnedHostKeys | Refusal {
  try {
    return PinnedHostKeys.parse(hostKey);
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

async function askFor(
  needs: Exclude<Needs, 'nothing'>,
  name: string,
  dialogue: SessionQuestions,
): Promise<VncCredentials> {
  const password = { text: 'Password', echo: false };
  const prompts = needs === 'password' ? [password] : [{ text: 'User name', echo: true }, password];
  const answers = await dialogue.prompt({
    title: `Sign in to "${name}"`,
    instructions: '',
    prompts,
  });
  return needs === 'password'
    ? { password: answers[0] ?? '' }
    : { username: answers[0] ?? '', password: answers[1] ?? '' };
}
