import { RemoteAccessError, type HostKeyMessage } from '@remote-access/contracts';
import type { Duplex } from 'node:stream';
import { Client, type ClientChannel } from 'ssh2';
import { algorithmsFor, hostKeyAlgorithms } from './algorithms';
import { HostKey } from './host-key';
import { PinnedHostKeys } from './pinned-host-keys';
import { readPrivateKey } from './private-key';
import { limitReading } from './read-quota';
import { ServerGreeting } from './server-greeting';
import { ShellStream } from './shell-stream';
import { signInSteps, type ReadySignIn } from './sign-in-steps';
import type { SshEndpoint, SshSignIn, TerminalSize } from './ssh-endpoint';
import {
  hostKeyMismatch,
  passwordExpired,
  signInRefused,
  targetFailed,
  targetTimeout,
  unansweredQuestion,
} from './ssh-texts';

/** From the first byte to the prompt: slow name look-ups and PAM delays at the server are in it. */
const HANDSHAKE_DEADLINE_MS = 30_000;

/** A silent SSH connection is asked for life this often, and ended after three silent answers. */
const KEEP_ALIVE_INTERVAL_MS = 30_000;

const TERMINAL = 'xterm-256color';

/** Asks for UTF-8 where the server accepts it (sshd: `AcceptEnv LANG`); it is in every Debian. */
const ENVIRONMENT = { LANG: 'C.UTF-8' };

export interface ShellOptions {
  /** The bytes to and from the server; owned by the shell once it is open. */
  readonly socket: Duplex;
  readonly endpoint: SshEndpoint;
  readonly signIn: SshSignIn;
  /** Lines `type base64`; null or empty: any key is taken and told as new. */
  readonly pinnedHostKeys: string | null;
  /** Asked for when the terminal is made and when it is ready: the newest size counts. */
  readonly size: () => TerminalSize;
  readonly onHostKey?: (message: HostKeyMessage) => void;
  readonly onSignedIn?: () => void;
  readonly handshakeDeadlineMs?: number;
}

/**
 * Signs in to an SSH server over any byte stream and opens a shell with a terminal.
 *
 * A server with another key than the pinned ones gets no attempt to sign in.
 *
 * @throws RemoteAccessError `host-key-mismatch`, `sign-in-refused`, `credentials-unusable`,
 *   `target-failed` or `target-timeout`; the socket is destroyed then
 */
export async function openShell(options: ShellOptions): Promise<ShellStream> {
  const { socket } = options;
  try {
    const pinned = PinnedHostKeys.parse(options.pinnedHostKeys);
    const signIn = readySignIn(options.signIn);
    return await new ShellOpening(options, pinned, signIn).run();
  } catch (cause) {
    socket.on('error', ignoreAfterFailure);
    socket.destroy();
    throw cause;
  }
}

function readySignIn(signIn: SshSignIn): ReadySignIn {
  return signIn.type === 'password'
    ? signIn
    : { type: 'key', username: signIn.username, key: readPrivateKey(signIn.privateKey) };
}

/** The steps from a connected socket to a shell, of which the first failure counts. */
class ShellOpening {
  private readonly client = new Client();
  private readonly greeting = new ServerGreeting();
  private firstKey: HostKey | undefined;
  private reached = 'The SSH handshake did not finish in time.';

  constructor(
    private readonly options: ShellOptions,
    private readonly pinned: PinnedHostKeys,
    private readonly signIn: ReadySignIn,
  ) {}

  run(): Promise<ShellStream> {
    const { options, client } = this;
    const { socket, endpoint } = options;
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(
        () => fail(targetTimeout(endpoint, this.reached)),
        options.handshakeDeadlineMs ?? HANDSHAKE_DEADLINE_MS,
      );
      const keepGreeting = (chunk: Buffer): void => {
        this.greeting.add(chunk);
        // It would wait for us as long as we wait for it.
        if (this.greeting.isOther) fail(targetFailed(endpoint, this.greeting.describe()));
      };
      const settle = (): void => {
        clearTimeout(deadline);
        socket.off('data', keepGreeting);
      };
      const fail = (cause: unknown): void => {
        settle();
        client.on('error', ignoreAfterFailure);
        client.destroy();
        reject(this.asFailure(cause));
      };

      client.once('error', fail);
      client.once('close', () => fail(targetFailed(endpoint, this.greeting.describe())));
      client.on('change password', () => {
        fail(passwordExpired(endpoint, this.signIn.username));
      });
      client.once('ready', () => {
        options.onSignedIn?.();
        this.reached = 'The SSH server signed in but opened no shell in time.';
        this.openChannel(fail, channel => {
          settle();
          client.removeAllListeners('error').removeAllListeners('close');
          const shell = new ShellStream(client, channel, socket, this.asked);
          shell.resize(options.size());
          resolve(shell);
        });
      });
      this.connect(fail);
      socket.on('data', keepGreeting);
      limitReading(socket);
    });
  }

  private asked: TerminalSize = { cols: 80, rows: 24 };

  private connect(fail: (cause: unknown) => void): void {
    const { client, options, pinned, signIn } = this;
    client.connect({
      sock: options.socket,
      username: signIn.username,
      algorithms: {
        ...algorithmsFor(false),
        serverHostKey: hostKeyAlgorithms(pinned.types, false),
      },
      authHandler: signInSteps(signIn, question => {
        fail(unansweredQuestion(options.endpoint, question));
      }),
      hostVerifier: (blob: Buffer) => {
        const refusal = this.judge(HostKey.fromBlob(blob));
        if (refusal) fail(refusal);
        return refusal === undefined;
      },
      readyTimeout: 0,
      keepaliveInterval: KEEP_ALIVE_INTERVAL_MS,
    });
  }

  /** Also asked when keys are exchanged again: the server must still be the same then. */
  private judge(key: HostKey | undefined): RemoteAccessError | undefined {
    const { endpoint, onHostKey } = this.options;
    if (!key) return targetFailed(endpoint, 'Its host key cannot be read.');
    if (this.firstKey) {
      return this.firstKey.equals(key) ? undefined : hostKeyMismatch(endpoint, key);
    }
    this.firstKey = key;
    const known = this.pinned.has(key);
    const state = known ? 'known' : this.pinned.isEmpty ? 'new' : 'changed';
    const shown = { keyType: key.type, sha256: key.sha256, md5: key.md5, randomart: '' };
    onHostKey?.({ type: 'host-key', ...shown, state, question: false });
    if (state === 'changed') return hostKeyMismatch(endpoint, key);
    this.reached = 'The SSH server did not answer the sign-in in time.';
    return undefined;
  }

  private openChannel(
    fail: (cause: unknown) => void,
    opened: (channel: ClientChannel) => void,
  ): void {
    const { options, client } = this;
    this.asked = options.size();
    const terminal = { term: TERMINAL, cols: this.asked.cols, rows: this.asked.rows };
    client.shell(terminal, { env: ENVIRONMENT }, (cause, channel) => {
      if (!cause) return opened(channel);
      const what = 'The SSH server signed in but gives no shell.';
      return fail(targetFailed(options.endpoint, what, cause));
    });
  }

  private asFailure(cause: unknown): RemoteAccessError {
    if (cause instanceof RemoteAccessError) return cause;
    const { endpoint } = this.options;
    const level = (cause as { level?: string }).level;
    if (level === 'client-authentication') return signInRefused(endpoint, this.signIn.username);
    const what = this.greeting.isSsh
      ? `The SSH connection failed: ${(cause as Error).message}.`
      : this.greeting.describe();
    return targetFailed(endpoint, what, cause);
  }
}

function ignoreAfterFailure(): void {
  // The failure that counts has been told; what the dying connection adds says nothing new.
}
