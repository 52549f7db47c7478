import type { Duplex } from 'node:stream';
import { Injectable } from '@nestjs/common';
import {
  type Endpoint,
  isRefusal,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { openShell, type ShellStream } from '@remote-access/ssh';
import { PinnedHostKeys } from '@remote-access/ssh-keys';
import { asUtf8, LineModeStream, type LineTerminal } from '@remote-access/telnet';
import type { Caller } from '../access/caller';
import { HostKeyTrust } from '../host-keys/host-key-trust';
import type { Bridge, BridgeOpener, BridgeOpening, BridgeOutcome } from '../sessions/bridge';
import type { LocatedEndpoint, ProtocolDriver } from './protocol-driver';
import { SshCredentials, type OpenedCredentials } from './ssh-credentials';

/** Terminates SSH in the service, so that clients receive a terminal's bytes. */
@Injectable()
export class SshDriver implements ProtocolDriver {
  constructor(
    private readonly credentials: SshCredentials,
    private readonly hostKeys: HostKeyTrust,
  ) {}

  async prepare(located: LocatedEndpoint, caller: Caller): Promise<BridgeOpener | Refusal> {
    const credentials = await this.credentials.open(located);
    if (isRefusal(credentials)) return credentials;
    const refusal = pinRefusal(located.endpoint.credentials.hostKey);
    if (refusal) return refusal;
    return opening => this.signIn(located, caller, credentials, opening);
  }

  private async signIn(
    located: LocatedEndpoint,
    caller: Caller,
    { signIn, explain }: OpenedCredentials,
    opening: BridgeOpening,
  ): Promise<Bridge> {
    const { endpoint } = located;
    const { deviceSide, prompts, size, onHostKey, onBanner } = opening;
    const { command } = endpoint;
    const trust = await this.hostKeys.forSession(located, caller, opening);
    const onProvedHostKeys = trust.rotation();
    let shell: ShellStream;
    try {
      shell = await openShell({
        socket: deviceSide,
        endpoint,
        signIn,
        pinnedHostKeys: endpoint.credentials.hostKey,
        legacyAlgorithms: endpoint.legacyAlgorithms ?? false,
        ...(command === undefined ? {} : { command }),
        environment: software => environmentOf(endpoint, software),
        size,
        onBanner,
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
    const target = terminalOf(shell, endpoint);
    // The session asks for the outcome once it is listening.
    for (const stream of [shell, target]) stream.on('error', leaveToOutcome);
    const complaint = await trust.complaint();
    const remarks = [complaint, shell.hasTerminal ? undefined : NO_TERMINAL];
    for (const remark of remarks) {
      if (remark !== undefined) target.unshift(Buffer.from(`${remark}\r\n`));
    }
    return bridgeTo(shell, target, endpoint.name);
  }
}

/** A separate function, so that its closures retain nothing of the sign-in. */
function bridgeTo(shell: ShellStream, target: Duplex, name: string): Bridge {
  return {
    target,
    streams: [shell],
    resize: newest => shell.resize(newest),
    sendBreak: () => shell.sendBreak(),
    measureRoundTrip: () => shell.measureRoundTrip(),
    isSilent: () => shell.isSilent,
    outcome: () => outcomeOf(shell, name),
  };
}

const NO_TERMINAL =
  'This server provides no terminal. Lines are edited here and sent with Enter; programs that use ' +
  'the whole screen do not work.';

/** A terminal's bytes in UTF-8, with local line editing if the server has no terminal. */
function terminalOf(shell: ShellStream, { encoding }: Endpoint): Duplex {
  const text = asUtf8(shell, encoding);
  return shell.hasTerminal ? text : new LineModeStream(text, bareShell(shell), { lineEnd: '\n' });
}

function bareShell(shell: ShellStream): LineTerminal {
  return {
    mode: { byLine: true, localEcho: true },
    interrupt: () => shell.interrupt(),
    endInput: () => shell.endInput(),
    on: () => undefined,
  };
}

/** Systems whose C library includes C.UTF-8, as their SSH servers identify them. */
const SYSTEMS_WITH_C_UTF8 = /\b(Debian|Ubuntu|Raspbian|FreeBSD)\b/;

/**
 * Environment variables, for servers that accept them (sshd: `AcceptEnv LANG`). A locale that the
 * server lacks would be worse than none: without one, most servers use their default, which is
 * UTF-8.
 * @param software how the server identifies itself
 */
function environmentOf(
  { encoding = 'utf-8', locale }: Endpoint,
  software: string,
): Record<string, string> {
  if (locale !== undefined) return { LANG: locale };
  const hasCUtf8 = encoding === 'utf-8' && SYSTEMS_WITH_C_UTF8.test(software);
  return hasCUtf8 ? { LANG: 'C.UTF-8' } : {};
}

function leaveToOutcome(): void {
  // Reported by `outcome`.
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
  const { exitStatus, exitSignal, connectionLost, farewell } = shell;
  if (connectionLost || shell.errored) {
    const detail = `The connection to endpoint "${name}" was lost.`;
    const error = new RemoteAccessError('target-failed', { detail, cause: shell.errored });
    return { by: 'target', error };
  }
  return {
    by: 'target',
    ...(exitStatus === undefined ? {} : { exitStatus }),
    ...(exitSignal === undefined ? {} : { exitSignal }),
    ...(farewell === undefined ? {} : { serverMessage: farewell }),
  };
}
