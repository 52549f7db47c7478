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
import type { Caller } from '../access/caller';
import { HostKeyTrust } from '../host-keys/host-key-trust';
import type { Bridge, BridgeOpener, BridgeOpening, BridgeOutcome } from '../sessions/bridge';
import type { EndpointPlace, ProtocolDriver } from './protocol-driver';
import { SshCredentials, type OpenedCredentials } from './ssh-credentials';

/** Terminates SSH in the service, so that clients get the bytes of a terminal. */
@Injectable()
export class SshDriver implements ProtocolDriver {
  constructor(
    private readonly credentials: SshCredentials,
    private readonly hostKeys: HostKeyTrust,
  ) {}

  async prepare(place: EndpointPlace, caller: Caller): Promise<BridgeOpener | Refusal> {
    const credentials = await this.credentials.open(place);
    if (isRefusal(credentials)) return credentials;
    const refusal = pinRefusal(place.endpoint.credentials.hostKey);
    if (refusal) return refusal;
    return opening => this.signIn(place, caller, credentials, opening);
  }

  private async signIn(
    place: EndpointPlace,
    caller: Caller,
    { signIn, explain }: OpenedCredentials,
    opening: BridgeOpening,
  ): Promise<Bridge> {
    const { endpoint } = place;
    const { deviceSide, prompts, size, onHostKey } = opening;
    const trust = await this.hostKeys.forSession(place, caller, opening);
    const onProvedHostKeys = trust.rotation();
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
        acceptHostKey: trust.accept,
        ...(onProvedHostKeys ? { onProvedHostKeys } : {}),
        onSignedIn: () => {
          opening.onSignedIn();
          trust.signedIn();
        },
        ...(prompts ? { ask: question => prompts.prompt(question) } : {}),
      });
    } catch (cause) {
      throw explain(cause);
    }
    const target = asUtf8(shell, endpoint.encoding);
    // The session asks for the outcome once it listens.
    for (const stream of [shell, target]) stream.on('error', leaveToOutcome);
    const complaint = await trust.complaint();
    if (complaint !== undefined) target.unshift(Buffer.from(`${complaint}\r\n`));
    return bridgeTo(shell, target, endpoint.name);
  }
}

/** A function of its own, so that its closures keep nothing of the sign-in in memory. */
function bridgeTo(shell: ShellStream, target: Duplex, name: string): Bridge {
  return {
    target,
    streams: [shell],
    resize: newest => shell.resize(newest),
    sendBreak: () => shell.sendBreak(),
    measureRoundTrip: () => shell.measureRoundTrip(),
    outcome: () => outcomeOf(shell, name),
  };
}

/**
 * Asks for UTF-8 if the server accepts it (sshd: `AcceptEnv LANG`); every Debian has that locale.
 * Names of other encodings differ too much between servers.
 */
function environmentOf(encoding: Encoding = 'utf-8'): Record<string, string> {
  return encoding === 'utf-8' ? { LANG: 'C.UTF-8' } : {};
}

function leaveToOutcome(): void {
  // `outcome` reports it.
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

function outcomeOf(shell: ShellStream, name: string): BridgeOutcome {
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
