import { RemoteAccessError } from '@remote-access/contracts';
import { Client, type ClientChannel } from 'ssh2';
import { algorithmsFor, hostKeyAlgorithms } from './algorithms';
import { ConnectionCallbacks } from './connection-callbacks';
import { ConnectionGuard } from './connection-guard';
import { HostKeyJudge } from './host-key-judge';
import type { ShellOptions } from './open-shell';
import type { PinnedHostKeys } from '@remote-access/ssh-keys';
import { limitReading } from './read-quota';
import { FIRST_WINDOW_BYTES } from './reading-window';
import { ServerGreeting } from './server-greeting';
import { ServerOffer } from './server-offer';
import { ShellStream } from './shell-stream';
import { SignInSteps, type ReadySignIn } from './sign-in-steps';
import { Ssh2Internals } from './ssh2-internals';
import type { TerminalSize } from './ssh-endpoint';
import * as texts from './ssh-texts';
import { unmatchedAlgorithms } from './unmatched-algorithms';

/** From the first byte to the prompt: slow name look-ups and PAM delays at the server are in it. */
const HANDSHAKE_DEADLINE_MS = 30_000;

/** A silent SSH connection is asked for life this often, and ended after three silent answers. */
const KEEP_ALIVE_INTERVAL_MS = 30_000;

const TERMINAL = 'xterm-256color';

/** How far it came, in the words for a server that is late or goes away. */
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
    late: 'The SSH server signed in but opened no shell in time.',
    gone: 'It took the sign-in and then ended the connection, before it had opened a shell.',
  },
} as const;

/** The steps from a connected socket to a shell, of which the first failure counts. */
export class ShellOpening {
  private readonly client = new Client();
  private readonly greeting = new ServerGreeting();
  private readonly offer = new ServerOffer();
  private readonly judge: HostKeyJudge;
  private readonly steps: SignInSteps;
  private readonly callbacks: ConnectionCallbacks;
  private readonly isLegacy: boolean;
  private internals!: Ssh2Internals;
  private resolve!: (shell: ShellStream) => void;
  private reject!: (cause: Error) => void;
  private deadline: NodeJS.Timeout | undefined;
  private isSettled = false;
  private asked: TerminalSize = { cols: 80, rows: 24 };
  private phase: keyof typeof PHASES = 'handshake';
  private lookAt: (chunk: Buffer) => void = () => undefined;

  constructor(
    private readonly options: ShellOptions,
    private readonly pinned: PinnedHostKeys,
    private readonly signIn: ReadySignIn,
  ) {
    const { endpoint, ask } = options;
    this.isLegacy = options.legacyAlgorithms ?? false;
    this.judge = new HostKeyJudge(endpoint, pinned, options);
    this.steps = new SignInSteps(signIn, {
      ask: ask && (question => this.whileAsking(() => ask(question))),
      onUnanswered: question => this.fail(texts.unansweredQuestion(endpoint, question)),
      onTooMany: () => this.fail(texts.tooManyQuestions(endpoint)),
    });
    this.callbacks = new ConnectionCallbacks(
      {
        nextSignIn: this.steps.next,
        judgeHostKey: (blob, verify) => this.onHostKey(blob, verify),
        refuseExcess: what => this.fail(texts.targetFailed(endpoint, what)),
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
        this.fail(texts.targetFailed(endpoint, what));
      });
      client.on('change password', () => {
        this.fail(texts.passwordExpired(endpoint, this.signIn.username));
      });
      client.on('hostkeys', this.callbacks.onHostKeys);
      this.connect();
    });
  }

  private connect(): void {
    const { client, options, pinned, signIn, isLegacy, callbacks } = this;
    const { socket, endpoint } = options;
    const guard = new ConnectionGuard(socket, callbacks.refuseExcess);
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
      hostVerifier: callbacks.judgeHostKey,
      readyTimeout: 0,
      keepaliveInterval: KEEP_ALIVE_INTERVAL_MS,
    });
    this.internals = new Ssh2Internals(client);
    this.internals.shareOffer();
    this.internals.openWithWindow(FIRST_WINDOW_BYTES);
    if (!isLegacy) {
      this.internals.declineWeakSignatures(algorithm => {
        this.fail(texts.weakSignature(endpoint, algorithm));
      });
    }
    if (signIn.type === 'key' && signIn.certificate) {
      this.internals.presentCertificate(signIn.certificate);
    }
    this.lookAt = chunk => {
      this.greeting.add(chunk);
      this.offer.add(chunk);
      if (this.greeting.isSsh) guard.identified();
      // It would wait for us as long as we wait for it.
      if (this.greeting.isOther) this.fail(texts.targetFailed(endpoint, this.greeting.describe()));
    };
    socket.on('data', this.lookAt);
    limitReading(socket);
  }

  /** @returns whether the key is good; `undefined` when `verify` will be told */
  private onHostKey(blob: Buffer, verify: (isGood: boolean) => void): boolean | undefined {
    const verdict = this.judge.judge(blob);
    if (verdict instanceof Promise) {
      this.whileAsking(() => verdict).then(
        refusal => {
          if (refusal) this.fail(refusal);
          verify(refusal === undefined && !this.isSettled);
        },
        () => undefined,
      );
      return undefined;
    }
    if (verdict) this.fail(verdict);
    return verdict === undefined;
  }

  private openChannel(): void {
    const { options, client, internals } = this;
    this.asked = options.size();
    const terminal = { term: TERMINAL, cols: this.asked.cols, rows: this.asked.rows };
    client.shell(terminal, { env: { ...options.environment } }, (cause, channel) => {
      if (!cause) return this.succeed(channel, internals);
      const what = 'The SSH server signed in but gives no shell.';
      return this.fail(texts.targetFailed(options.endpoint, what, cause));
    });
  }

  private succeed(channel: ClientChannel, internals: Ssh2Internals): void {
    const { client, options } = this;
    if (!this.settle()) return;
    for (const event of ['error', 'close', 'change password']) client.removeAllListeners(event);
    internals.forgetOpening(this.callbacks.opened());
    const shell = new ShellStream(client, internals, channel, options.socket, this.asked);
    shell.resize(options.size());
    this.resolve(shell);
  }

  private readonly fail = (cause: unknown): void => {
    if (!this.settle()) return;
    this.client.on('error', ignoreAfterFailure);
    this.client.destroy();
    this.reject(this.asFailure(cause));
  };

  /** @returns whether it was open until now */
  private settle(): boolean {
    clearTimeout(this.deadline);
    if (this.isSettled) return false;
    this.isSettled = true;
    this.options.socket.off('data', this.lookAt);
    return true;
  }

  private startDeadline(): void {
    if (this.isSettled) return;
    const { endpoint, handshakeDeadlineMs = HANDSHAKE_DEADLINE_MS } = this.options;
    this.deadline = setTimeout(() => {
      this.fail(texts.targetTimeout(endpoint, PHASES[this.phase].late));
    }, handshakeDeadlineMs);
  }

  /** The server's time stands still while a person thinks; who asks bounds theirs. */
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

  private asFailure(cause: unknown): RemoteAccessError {
    if (cause instanceof RemoteAccessError) return cause;
    const { endpoint } = this.options;
    const { methodsLeft, wantsMore } = this.steps;
    if ((cause as { level?: string }).level === 'client-authentication') {
      const text = wantsMore ? texts.signInIncomplete : texts.signInRefused;
      return text(endpoint, this.signIn.username, methodsLeft);
    }
    const unmatched = unmatchedAlgorithms(this.offer.algorithms, this.pinned.types, this.isLegacy);
    if (unmatched.length > 0) return texts.weakAlgorithms(endpoint, unmatched, this.isLegacy);
    const what = this.greeting.isSsh
      ? `The SSH connection failed: ${(cause as Error).message}.`
      : this.greeting.describe();
    return texts.targetFailed(endpoint, what, cause);
  }
}

function ignoreAfterFailure(): void {
  // The failure that counts has been told; what the dying connection adds says nothing new.
}
