import { Injectable } from '@nestjs/common';
import { RemoteAccessError } from '@remote-access/contracts';
import { openVnc, type Needs, type VncCredentials } from '@remote-access/vnc';
import { isRefusal, type Refusal } from '../access/refusal';
import { CredentialVault } from '../credentials/credential-vault';
import type {
  Bridge,
  BridgeOpener,
  EndpointPlace,
  ProtocolDriver,
  SessionQuestions,
} from './protocol-driver';

/** Signs in to VNC servers and joins them with viewers, which need no password then. */
@Injectable()
export class VncDriver implements ProtocolDriver {
  constructor(private readonly vault: CredentialVault) {}

  async prepare(place: EndpointPlace): Promise<BridgeOpener | Refusal> {
    const { name } = place.endpoint;
    const credentials = await this.credentials(place);
    if (isRefusal(credentials)) return credentials;
    return async ({ deviceSide, clientSide, dialogue, onSignedIn }): Promise<Bridge> => {
      const { target, greet } = await openVnc({
        deviceSide,
        clientSide,
        knowsRfbOnly: dialogue === undefined,
        endpointName: name,
        credentials,
        onSignedIn,
        ...(dialogue ? { ask: needs => askFor(needs, name, dialogue) } : {}),
      });
      return { target, greet, resize: () => undefined, end: () => ({ by: 'target' }) };
    };
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
