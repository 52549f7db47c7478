import { Injectable } from '@nestjs/common';
import { isRefusal, type Refusal, RemoteAccessError } from '@remote-access/contracts';
import { HostKeyVerifier } from '@remote-access/ssh';
import { PinnedHostKeys } from '@remote-access/ssh-keys';
import { openVnc, type Needs, type VncCredentials } from '@remote-access/vnc';
import type { Duplex } from 'node:stream';
import { SecretVault } from '../secrets/secret-vault';
import type { Caller } from '../access/caller';
import { HostKeyTrust } from '../host-keys/host-key-trust';
import type {
  Bridge,
  BridgeOpener,
  BridgeOpening,
  BridgeOutcome,
  UserPrompts,
} from '../sessions/bridge';
import { type EndpointPlace, plainBridge, type ProtocolDriver } from './protocol-driver';

/** Signs in to VNC servers and joins them with viewers, which then need no password. */
@Injectable()
export class VncDriver implements ProtocolDriver {
  constructor(
    private readonly vault: SecretVault,
    private readonly hostKeys: HostKeyTrust,
  ) {}

  async prepare(place: EndpointPlace, caller: Caller): Promise<BridgeOpener | Refusal> {
    const credentials = await this.credentials(place);
    if (isRefusal(credentials)) return credentials;
    const pinned = pinnedKeys(place.endpoint.credentials.hostKey);
    if (isRefusal(pinned)) return pinned;
    return opening => this.signIn(place, caller, { credentials, pinned }, opening);
  }

  private async signIn(
    place: EndpointPlace,
    caller: Caller,
    { credentials, pinned }: { credentials: VncCredentials; pinned: PinnedHostKeys },
    { deviceSide, clientSide, speaksV1, ...opening }: BridgeOpening,
  ): Promise<Bridge> {
    const { endpoint } = place;
    const { prompts, onHostKey, onKeyUnchecked, onSignedIn } = opening;
    const trust = await this.hostKeys.forSession(place, caller, opening);
    const verifier = new HostKeyVerifier(endpoint, pinned, {
      onHostKey,
      acceptHostKey: trust.accept,
    });
    const { target, greet } = await openVnc({
      deviceSide,
      clientSide,
      isRawClient: !speaksV1,
      endpointName: endpoint.name,
      credentials,
      rules: {
        requiresServerKey: !pinned.isEmpty,
        allowsUnencrypted: endpoint.allowUnencryptedSignIn === true,
      },
      isViewOnly: endpoint.viewOnly === true,
      onKeyUnchecked,
      checkServerKey: async key => {
        const refusal = await verifier.verify(Buffer.from(key));
        if (refusal) throw refusal;
      },
      onSignedIn: isUnencrypted => {
        onSignedIn(isUnencrypted ? 'unencrypted-sign-in' : undefined);
        trust.signedIn();
      },
      ...(prompts
        ? { ask: (needs, isUnencrypted) => askFor(needs, isUnencrypted, endpoint.name, prompts) }
        : {}),
    });
    return { ...plainBridge(target), greet, outcome: () => outcomeOf(target) };
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

/** A view-only session ends with a refusal if the viewer sends what cannot be filtered. */
function outcomeOf({ errored }: Duplex): BridgeOutcome {
  return isRefusal(errored) ? { by: 'client', error: errored } : { by: 'target' };
}

/** An unreadable pin must not open the session as if nothing were pinned. */
function pinnedKeys(hostKey: string | null): PinnedHostKeys | Refusal {
  try {
    return PinnedHostKeys.parse(hostKey);
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

const UNENCRYPTED =
  'This server receives user name and password without encryption. Others on the network between ' +
  'the gateway and the server can read them.';

async function askFor(
  needs: Exclude<Needs, 'nothing'>,
  isUnencrypted: boolean,
  name: string,
  user: UserPrompts,
): Promise<VncCredentials> {
  const password = { text: 'Password', echo: false };
  const prompts = needs === 'password' ? [password] : [{ text: 'User name', echo: true }, password];
  const answers = await user.prompt({
    title: `Sign in to "${name}"`,
    instructions: isUnencrypted ? UNENCRYPTED : '',
    prompts,
  });
  return needs === 'password'
    ? { password: answers[0] ?? '' }
    : { username: answers[0] ?? '', password: answers[1] ?? '' };
}
