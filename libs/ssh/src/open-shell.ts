import { RemoteAccessError } from '@remote-access/contracts';
import { PinnedHostKeys } from '@remote-access/ssh-keys';
import type { Duplex } from 'node:stream';
import { Client, type ClientChannel } from 'ssh2';
import { algorithmsFor, hostKeyAlgorithms, unmatchedAlgorithms } from './algorithms';
import { ConnectionCallbacks, type ProvedHostKeys } from './connection-callbacks';
import { ConnectionGuard, limitReading } from './connection-guard';
import { type HostKeyListener, HostKeyVerifier } from './host-key-verifier';
import { FIRST_WINDOW_BYTES } from './reading-window';
import { ServerGreeting, ServerOffer } from './server-greeting';
import { ShellStream, type TerminalSize } from './shell-stream';
import { parseSignIn, type ParsedSignIn, type SshSignIn } from './sign-in-credentials';
import { SignInSteps, type SshQuestion } from './sign-in-steps';
import * as errors from './ssh-errors';
import type { SshEndpoint } from './ssh-errors';
import { Ssh2Internals } from './ssh2-internals';

export interface ShellOptions extends HostKeyListener {
  /** The connection to the server; owned by the shell once it is open. */
  readonly socket: Duplex;
  readonly endpoint: SshEndpoint;
  readonly signIn: SshSignIn;
  /** Lines `type base64`; when null or empty, the key that the server presents is new. */
  readonly pinnedHostKeys: string | null;
  /** Whether algorithms known to be weak may be used; `false` by default. */
  readonly legacyAlgorithms?: boolean;
  /** Environment variables, of which the server accepts those it allows. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Called when the terminal is requested and again when it is ready, as it may have changed. */
  readonly size: () => TerminalSize;
  /**
   * Asks a person what the server wants to know in addition to the stored credentials; absent when
   * nobody can be asked. The opening fails with the cause of a rejection.
   */
  readonly ask?: (question: SshQuestion) => Promise<readonly string[]>;
  readonly onSignedIn?: () => void;
  /**
   * All host keys that the server has announced and proved to own (`hostkeys-00@openssh.com`),
   * including the one in use. May be called before the shell is open, and again later.
   */
  readonly onProvedHostKeys?: ProvedHostKeys;
  /** For the server's part of the handshake; the time that people take does not count. */
  readonly handshakeDeadlineMs?: number;
}

/** Includes slow name look-ups and PAM delays on the server. */
const HANDSHAKE_DEADLINE_MS = 30_000;

/** A silent connection is probed at this interval, and closed after three unanswered probes. */
const KEEP_ALIVE_INTERVAL_MS = 30_000;

const TERMINAL = 'xterm-256color';

/** Texts for a server that is late or closes the connection, by how far the opening had come. */
const PHASES = {
  handshake: {
    late: 'The SSH handshake did not finish in time.',
    gone: 'It ended the connection during the SSH handshake.',
  },
  signIn: {
    late: 'The SSH server did not answer the sign-in in time.',
    gone: 'It ended the connection during the sign-in.',
  },
  shell: {
    late: 'The SSH server accepted the sign-in but did not open a shell in time.',
    gone: 'It accepted the sign-in but ended the connection before it opened a shell.',
  },
} as const;

/**
 * Signs in to an SSH server over any byte stream and opens a shell with a terminal. Nothing is
 * sent to sign in to a server whose key is not one of the pinned ones.
 *
 * @throws RemoteAccessError `host-key-mismatch`, `host-key-rejected`, `sign-in-refused`,
 *   `credentials-unusable`, `target-failed`, `target-timeout`, or the cause with which `ask` or
 *   `acceptHostKey` rejected; the socket is then destroyed
 */
export async function openShell(options: ShellOptions): Promise<ShellStream> {
  const { socket } = options;
  try {
    const pinned = PinnedHostKeys.parse(options.pinnedHostKeys);
    return await new ShellOpening(options, pinned, parseSignIn(options.signIn)).run();
  } catch (cause) {
    socket.on('error', ignoreAfterFailure);
    socket.destroy();
    throw cause;
  }
}

/** Takes a connected socket to an open shell; the first failure decides the outcome. */
class ShellOpening {
  private readonly client = new Client();
  private readonly greeting = new ServerGreeting();
  private readonly offer = new ServerOffer();
  private readonly verifier: HostKeyVerifier;
  private readonly steps: SignInSteps;
  private readonly callbacks: ConnectionCallbacks;
  private readonly isLegacy: boolean;
  private internals!: Ssh2Internals;
  private resolve!: (shell: ShellStream) => void;
  private reject!: (cause: Error) => void;
  private deadline: NodeJS.Timeout | undefined;
  private isSettled = false;
  private requestedSize: TerminalSize = { cols: 80, rows: 24 };
  private phase: keyof typeof PHASES = 'handshake';
  private inspect: (chunk: Buffer) => void = () => undefined;

  constructor(
    private readonly options: ShellOptions,
    private readonly pinned: PinnedHostKeys,
    private readonly signIn: ParsedSignIn,
  ) {
    const { endpoint, ask } = options;
    this.isLegacy = options.legacyAlgorithms ?? false;
    this.verifier = new HostKeyVerifier(endpoint, pinned, options);
    this.steps = new SignInSteps(signIn, {
      ask: ask && (question => this.whileAsking(() => ask(question))),
      onUnanswered: question => this.fail(errors.unansweredQuestion(endpoint, question)),
      onTooManyQuestions: () => this.fail(errors.tooManyQuestions(endpoint)),
    });
    this.callbacks = new ConnectionCallbacks(
      {
        nextSignIn: this.steps.next,
        verifyHostKey: (blob, verify) => this.onHostKey(blob, verify),
        onExcess: reason => this.fail(errors.targetFailed(endpoint, reason)),
      },
      options.onProvedHostKeys,
    );
  }

  run(): Promise<ShellStream> {
    const { client, options } = this;
    const { endpoint } = options;
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      this.startDeadline();
      client.once('error', this.fail);
      client.once('close', () => {
        const { greeting, phase } = this;
        const what = greeting.isSsh ? PHASES[phase].gone : greeting.describe();
        this.fail(errors.targetFailed(endpoint, what));
      });
      client.on('change password', () => {
        this.fail(errors.passwordExpired(endpoint, this.signIn.username));
      });
      client.on('hostkeys', this.callbacks.onHostKeys);
      this.connect();
    });
  }

  private connect(): void {
    const { client, options, pinned, signIn, isLegacy, callbacks } = this;
    const { socket, endpoint } = options;
    const guard = new ConnectionGuard(socket, callbacks.onExcess);
    client.once('ready', () => {
      guard.signedIn();
      options.onSignedIn?.();
      this.phase = 'shell';
      this.openChannel();
    });
    client.once('handshake', () => {
      this.phase = 'signIn';
    });
    client.connect({
      sock: socket,
      username: signIn.username,
      algorithms: {
        ...algorithmsFor(isLegacy),
        serverHostKey: hostKeyAlgorithms(pinned.types, isLegacy),
      },
      authHandler: callbacks.nextSignIn,
      hostVerifier: callbacks.verifyHostKey,
      readyTimeout: 0,
      keepaliveInterval: KEEP_ALIVE_INTERVAL_MS,
    });
    this.internals = new Ssh2Internals(client);
    this.internals.shareOffer();
    this.internals.openWithWindow(FIRST_WINDOW_BYTES);
    if (!isLegacy) {
      this.internals.declineWeakSignatures(algorithm => {
        this.fail(errors.weakSignature(endpoint, algorithm));
      });
    }
    if (signIn.type === 'key' && signIn.certificate) {
      this.internals.presentCertificate(signIn.certificate);
    }
    this.inspect = chunk => {
      this.greeting.add(chunk);
      this.offer.add(chunk);
      if (this.greeting.isSsh) guard.identified();
      // Such a server would wait for us as long as we wait for it.
      if (this.greeting.isOther) this.fail(errors.targetFailed(endpoint, this.greeting.describe()));
    };
    socket.on('data', this.inspect);
    limitReading(socket);
  }

  /** @returns whether the key is accepted; `undefined` when `verify` is called later */
  private onHostKey(blob: Buffer, verify: (isAccepted: boolean) => void): boolean | undefined {
    const refusal = this.verifier.verify(blob);
    if (refusal instanceof Promise) {
      this.whileAsking(() => refusal).then(
        answer => {
          if (answer) this.fail(answer);
          verify(answer === undefined && !this.isSettled);
        },
        () => undefined,
      );
      return undefined;
    }
    if (refusal) this.fail(refusal);
    return refusal === undefined;
  }

  private openChannel(): void {
    const { options, client, internals } = this;
    this.requestedSize = options.size();
    const { cols, rows } = this.requestedSize;
    client.shell(
      { term: TERMINAL, cols, rows },
      { env: { ...options.environment } },
      (cause, channel) => {
        if (!cause) return this.succeed(channel, internals);
        const what = 'The SSH server accepted the sign-in but refused to open a shell.';
        return this.fail(errors.targetFailed(options.endpoint, what, cause));
      },
    );
  }

  private succeed(channel: ClientChannel, internals: Ssh2Internals): void {
    const { client, options } = this;
    if (!this.settle()) return;
    for (const event of ['error', 'close', 'change password']) client.removeAllListeners(event);
    internals.forgetOpening(this.callbacks.opened());
    const shell = new ShellStream(client, internals, channel, options.socket, this.requestedSize);
    shell.resize(options.size());
    this.resolve(shell);
  }

  private readonly fail = (cause: unknown): void => {
    if (!this.settle()) return;
    this.client.on('error', ignoreAfterFailure);
    this.client.destroy();
    this.reject(this.toFailure(cause));
  };

  /** @returns whether the outcome was still undecided */
  private settle(): boolean {
    clearTimeout(this.deadline);
    if (this.isSettled) return false;
    this.isSettled = true;
    this.options.socket.off('data', this.inspect);
    return true;
  }

  private startDeadline(): void {
    if (this.isSettled) return;
    const { endpoint, handshakeDeadlineMs = HANDSHAKE_DEADLINE_MS } = this.options;
    this.deadline = setTimeout(() => {
      this.fail(errors.targetTimeout(endpoint, PHASES[this.phase].late));
    }, handshakeDeadlineMs);
  }

  /** The deadline is suspended while a person answers; the caller bounds their time. */
  private async whileAsking<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    clearTimeout(this.deadline);
    try {
      const answer = await question();
      this.startDeadline();
      return answer;
    } catch (cause) {
      this.fail(cause);
      throw cause;
    }
  }

  private toFailure(cause: unknown): RemoteAccessError {
    if (cause instanceof RemoteAccessError) return cause;
    const { endpoint } = this.options;
    const { methodsLeft, wantsMore } = this.steps;
    if ((cause as { level?: string }).level === 'client-authentication') {
      const error = wantsMore ? errors.signInIncomplete : errors.signInRefused;
      return error(endpoint, this.signIn.username, methodsLeft);
    }
    const unmatched = unmatchedAlgorithms(this.offer.algorithms, this.pinned.types, this.isLegacy);
    if (unmatched.length > 0) return errors.weakAlgorithms(endpoint, unmatched, this.isLegacy);
    const what = this.greeting.isSsh
      ? `The SSH connection failed: ${(cause as Error).message}.`
      : this.greeting.describe();
    return errors.targetFailed(endpoint, what, cause);
  }
}

function ignoreAfterFailure(): void {
  // The cause has been reported; later errors of the dying connection add nothing.
}
