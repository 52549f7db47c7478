import { Injectable } from '@nestjs/common';
import { HINTS, isRefusal, type Refusal, RemoteAccessError } from '@remote-access/contracts';
import { HostKeyVerifier } from '@remote-access/ssh';
import { PinnedHostKeys } from '@remote-access/ssh-keys';
import { isAmbiguous, openVnc, type Needs, type VncCredentials } from '@remote-access/vnc';
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
import { type LocatedEndpoint, plainBridge, type ProtocolDriver } from './protocol-driver';

/** Signs in to VNC servers and joins them with viewers, which then need no password. */
@Injectable()
export class VncDriver implements ProtocolDriver {
  private readonly encodings = new PasswordEncodings();

  constructor(
    private readonly vault: SecretVault,
    private readonly hostKeys: HostKeyTrust,
  ) {}

  async prepare(located: LocatedEndpoint, caller: Caller): Promise<BridgeOpener | Refusal> {
    const credentials = await this.credentials(located);
    if (isRefusal(credentials)) return credentials;
    const pinned = pinnedKeys(located.endpoint.credentials.hostKey);
    if (isRefusal(pinned)) return pinned;
    return opening => this.signIn(located, caller, { credentials, pinned }, opening);
  }

  private async signIn(
    located: LocatedEndpoint,
    caller: Caller,
    { credentials, pinned }: { credentials: VncCredentials; pinned: PinnedHostKeys },
    { deviceSide, clientSide, speaksV1, ...opening }: BridgeOpening,
  ): Promise<Bridge> {
    const { endpoint } = located;
    const { prompts, onHostKey, onKeyUnchecked, onSignedIn } = opening;
    const trust = await this.hostKeys.forSession(located, caller, opening);
    const verifier = new HostKeyVerifier(endpoint, pinned, {
      onHostKey,
      acceptHostKey: trust.accept,
    });
    const encoding = this.encodings.for(located, credentials.password);
    const { target, isEncrypted, greet } = await openVnc({
      swapsPasswordEncoding: encoding.swaps,
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
    }).catch((cause: unknown) => {
      throw encoding.refused(cause);
    });
    return { ...plainBridge(target), isEncrypted, greet, outcome: () => outcomeOf(target) };
  }

  private async credentials(located: LocatedEndpoint): Promise<VncCredentials | Refusal> {
    const { type, username, password: stored } = located.endpoint.credentials;
    switch (type) {
      case 'NONE':
        return {};
      case 'PASS_ONLY':
      case 'USER_PASS': {
        if (stored === null) return new RemoteAccessError('credentials-unusable');
        const opened = await this.vault.open(located, 'password', stored);
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

/** The maximum number of endpoints with such passwords that are remembered. */
const MAX_SWAPPED = 1_000;

/**
 * Some servers encode passwords with letters such as "ä" in Latin-1, others in UTF-8, and a server
 * allows one attempt per connection. After a refusal the next connection tries the other encoding.
 */
class PasswordEncodings {
  /** Keyed by endpoint and everything that its password is bound to. */
  private readonly swapped = new Set<string>();

  for(
    { tenant, deviceId, endpoint, binding }: LocatedEndpoint,
    password: string | undefined,
  ): { readonly swaps: boolean; readonly refused: (cause: unknown) => unknown } {
    if (password === undefined || !isAmbiguous(password)) {
      return { swaps: false, refused: cause => cause };
    }
    const { swapped } = this;
    const key = [tenant, deviceId, endpoint.id, binding].join('\n');
    const swaps = swapped.has(key);
    return {
      swaps,
      refused: cause => {
        if (!isRefusal(cause) || cause.code !== 'sign-in-refused') return cause;
        swapped.delete(key);
        if (!swaps && swapped.size < MAX_SWAPPED) swapped.add(key);
        return new RemoteAccessError('sign-in-refused', {
          detail: cause.message,
          hint: HINTS.otherEncoding,
        });
      },
    };
  }
}

/**
 * A view-only session ends with a refusal if the viewer sends a message that cannot be filtered.
 */
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
