import type { Duplex } from 'node:stream';
import type { ProvedHostKeys } from './connection-callbacks';
import type { HostKeyListener } from './host-key-judge';
import { PinnedHostKeys } from '@remote-access/ssh-keys';
import { readPrivateKey } from './private-key';
import { ShellOpening } from './shell-opening';
import type { ShellStream } from './shell-stream';
import type { ReadySignIn } from './sign-in-steps';
import type { SshEndpoint, SshQuestion, SshSignIn, TerminalSize } from './ssh-endpoint';
import { readUserCertificate } from './user-certificate';

export interface ShellOptions extends HostKeyListener {
  /** The bytes to and from the server; owned by the shell once it is open. */
  readonly socket: Duplex;
  readonly endpoint: SshEndpoint;
  readonly signIn: SshSignIn;
  /** Lines `type base64`; null or empty: none, what is shown is new. */
  readonly pinnedHostKeys: string | null;
  /** Whether algorithms that are known to be weak may be used; `false` by default. */
  readonly legacyAlgorithms?: boolean;
  /** Variables for the server, which takes those that it likes. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Asked for when the terminal is made and when it is ready: the newest size counts. */
  readonly size: () => TerminalSize;
  /**
   * Asks a person what the server wants to know besides what is stored; absent: nobody is there.
   * When it rejects, the session does with the same cause.
   */
  readonly ask?: (question: SshQuestion) => Promise<readonly string[]>;
  readonly onSignedIn?: () => void;
  /**
   * All host keys that the server says it has and has proved to have (`hostkeys-00@openssh.com`),
   * the one in use among them. May come before the shell is open and later again.
   */
  readonly onProvedHostKeys?: ProvedHostKeys;
  /** For what the server has to do; people have their own time. */
  readonly handshakeDeadlineMs?: number;
}

/**
 * Signs in to an SSH server over any byte stream and opens a shell with a terminal.
 *
 * A server with another key than the pinned ones gets no attempt to sign in.
 *
 * @throws RemoteAccessError `host-key-mismatch`, `host-key-rejected`, `sign-in-refused`,
 *   `credentials-unusable`, `target-failed`, `target-timeout`, or what a question was answered
 *   with; the socket is destroyed then
 */
export async function openShell(options: ShellOptions): Promise<ShellStream> {
  const { socket } = options;
  try {
    const pinned = PinnedHostKeys.parse(options.pinnedHostKeys);
    return await new ShellOpening(options, pinned, readySignIn(options.signIn)).run();
  } catch (cause) {
    socket.on('error', ignoreAfterFailure);
    socket.destroy();
    throw cause;
  }
}

function readySignIn(signIn: SshSignIn): ReadySignIn {
  if (signIn.type === 'password') return signIn;
  const { username } = signIn;
  const key = readPrivateKey(signIn.privateKey);
  const isCertified = signIn.type === 'certificate';
  const certificate = isCertified ? readUserCertificate(signIn.certificate, key) : undefined;
  return { type: 'key', username, key, certificate };
}

function ignoreAfterFailure(): void {
  // The failure that counts has been told; what the dying connection adds says nothing new.
}
