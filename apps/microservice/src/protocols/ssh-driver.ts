import type { Duplex } from 'node:stream';
import { Injectable } from '@nestjs/common';
import {
  type Encoding,
  isRefusal,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { openShell, type ShellStream } from '@remote-access/ssh';
import { PinnedHostKeys } from '@remote-access/ssh-keys';
import { asUtf8 } from '@remote-access/telnet';
import { HostKeyPolicy } from '../host-keys/host-key-policy';
import type {
  Bridge,
  BridgeEnd,
  BridgeOpener,
  BridgeOpening,
  EndpointPlace,
  ProtocolDriver,
} from './protocol-driver';
import { SshCredentials, type OpenedCredentials } from './ssh-credentials';

/** Ends SSH here, so that clients get the bytes of a terminal. */
@Injectable()
export class SshDriver implements ProtocolDriver {
  constructor(
    private readonly credentials: SshCredentials,
    private readonly hostKeys: HostKeyPolicy,
  ) {}

  async prepare(place: EndpointPlace): Promise<BridgeOpener | Refusal> {
    const credentials = await this.credentials.open(place);
    if (isRefusal(credentials)) return credentials;
    const refusal = pinRefusal(place.endpoint.credentials.hostKey);
    if (refusal) return refusal;
    return opening => this.open(place, credentials, opening);
  }

  private async open(
    place: EndpointPlace,
    { signIn, explain }: OpenedCredentials,
    opening: BridgeOpening,
  ): Promise<Bridge> {
    const { endpoint } = place;
    const { deviceSide, dialogue, size, onHostKey } = opening;
    const trial = await this.hostKeys.forSession(place, opening);
    const onProvedHostKeys = trial.rotation();
    let shell: ShellStream;
    try {
      shell = await openShell({
        socket: deviceSide,
        endpoint,
        signIn,
        pinnedHostKeys: endpoint.credentials.hostKey,
        legacyAlgorithms: endpoint.legacyAlgorithms ?? false,
        environment: environmentOf(endpoint.encoding),
        size,
        onHostKey,
        acceptHostKey: trial.accept,
        ...(onProvedHostKeys ? { onProvedHostKeys } : {}),
        onSignedIn: () => {
          opening.onSignedIn();
          trial.signedIn();
        },
        ...(dialogue ? { ask: question => dialogue.prompt(question) } : {}),
      });
    } catch (cause) {
      throw explain(cause);
    }
    const target = asUtf8(shell, endpoint.encoding);
    // Until the session listens; how it ended is asked for then.
    for (const stream of [shell, target]) stream.on('error', ignoreUntilAsked);
    const complaint = await trial.complaint();
    if (complaint !== undefined) target.unshift(Buffer.from(`${complaint}\r\n`));
    return bridgeTo(shell, target, endpoint.name);
  }
}

/** Outside of what opens it, so that nothing of the opening stays in memory with it. */
function bridgeTo(shell: ShellStream, target: Duplex, name: string): Bridge {
  return {
    target,
    resize: newest => shell.resize(newest),
    sendBreak: () => shell.sendBreak(),
    end: () => endOf(shell, name),
  };
}

/**
 * Asks for UTF-8 where the server takes it (sshd: `AcceptEnv LANG`); that locale is in every
 * Debian. What another encoding is called differs too much from server to server.
 */
function environmentOf(encoding: Encoding = 'utf-8'): Record<string, string> {
  return encoding === 'utf-8' ? { LANG: 'C.UTF-8' } : {};
}

function ignoreUntilAsked(): void {
  // `end` tells it.
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
  const { exitStatus, exitSignal, connectionLost } = shell;
  if (connectionLost || shell.errored) {
    const detail = `The connection to endpoint "${name}" was lost.`;
    const error = new RemoteAccessError('target-failed', { detail, cause: shell.errored });
    return { by: 'target', error };
  }
  return {
    by: 'target',
    ...(exitStatus === undefined ? {} : { exitStatus }),
    ...(exitSignal === undefined ? {} : { exitSignal }),
  };
}
