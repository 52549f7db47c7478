import type { Duplex } from 'node:stream';
import { RemoteAccessError } from '@remote-access/contracts';
import { PinnedHostKeys } from '@remote-access/ssh-keys';
import { Client, type ClientChannel } from 'ssh2';
import { algorithmsFor, CHACHA20, hostKeyAlgorithms, unmatchedAlgorithms } from './algorithms';
import { ConnectionCallbacks, type ProvedHostKeys } from './connection-callbacks';
import { ConnectionGuard, limitReading } from './connection-guard';
import { type HostKeyListener, HostKeyVerifier } from './host-key-verifier';
import { FIRST_WINDOW_BYTES } from './reading-window';
import { ServerGreeting, ServerOffer } from './server-greeting';
import { ShellStream, type TerminalSize } from './shell-stream';
import {
  parseSignIn,
  type ParsedSignIn,
  type SshSignIn,
  SignInSteps,
  type SshQuestion,
} from './sign-in';
import * as errors from './ssh-errors';
import type { SshEndpoint } from './ssh-errors';
import { Ssh2Internals } from './ssh2-internals';

export interface ShellOptions extends HostKeyListener {
  /** The connection to the server; owned by the shell once it is open. */
  readonly socket: Duplex;
  readonly endpoint: SshEndpoint;
  readonly signIn: SshSignIn;
  /** Lines of the form `type base64`; if null or empty, the server's key is treated as new. */
  readonly pinnedHostKeys: string | null;
  /** Whether algorithms known to be weak may be used; `false` by default. */
  readonly legacyAlgorithms?: boolean;
  /** Run instead of a shell, for servers that only run commands. */
  readonly command?: string;
  /**
   * Environment variables to request; the server accepts those that it allows.
   * @param software how the server identifies itself, e.g. `OpenSSH_9.2p1 Debian-2`
   */
  readonly environment?: (software: string) => Readonly<Record<string, string>>;
  /**
   * Called when the terminal is requested and again when it is ready, because it may have changed.
   */
  readonly size: () => TerminalSize;
  /**
   * Asks the user for what the server requires in addition to the stored credentials; absent if
   * nobody can be asked. If it rejects, opening fails with that error.
   */
  readonly ask?: (question: SshQuestion) => Promise<readonly string[]>;
  /**
   * A text that the server sent before deciding about the sign-in; untrusted, may have several
   * lines.
   */
  readonly onBanner?: (text: string) => void;
  readonly onSignedIn?: () => void;
  /**
   * All host keys that the server has announced and proved to hold (`hostkeys-00@openssh.com`),
   * including the one in use. May be called before the shell is open, and again later.
   */
  readonly onProvedHostKeys?: ProvedHostKeys;
  /** For the server's part of the handshake; time that the user takes does not count. */
  readonly handshakeDeadlineMs?: number;
  /** How often something is sent to a server that may never answer it. */
  readonly keepAliveIntervalMs?: number;
}

/** Includes slow DNS lookups and PAM delays on the server. */
const HANDSHAKE_DEADLINE_MS = 30_000;

/** For a decision that the server announced to the user with a banner, such as a link to follow. */
const TALKING_DEADLINE_MS = 300_000;

/** Further banners before the decision are not shown. */
const MAX_BANNERS = 16;

/** Firewalls drop connections that are silent for some minutes. */
const KEEP_ALIVE_INTERVAL_MS = 30_000;

const TERMINAL = 'xterm-256color';

/** Error texts for a server that is late or closes the connection, by the phase of opening. */
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
 * Signs in to an SSH server over any byte stream and opens a shell with a terminal. Nothing is sent
 * to sign in to a server whose key does not match the pinned ones.
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
  private hasTerminal = true;
  private banners = 0;
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
      client.on('error', this.fail);
      client.once('close', () => this.fail(this.whyGone()));
      client.on('banner', text => this.showBanner(text));
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
      clearTimeout(this.deadline);
      this.startDeadline();
      this.openChannel();
    });
    client.once('handshake', ({ cs, sc }) => {
      this.phase = 'signIn';
      if (this.isVulnerable(cs.cipher) || this.isVulnerable(sc.cipher)) {
        this.fail(errors.cipherNeedsStrictExchange(endpoint, CHACHA20));
      }
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
    });
    this.internals = new Ssh2Internals(client);
    this.internals.keepGreeting();
    this.internals.shareOffer();
    this.internals.openWithWindow(FIRST_WINDOW_BYTES);
    this.internals.requestTerminalAhead(() => (this.hasTerminal = false));
    this.internals.onInstructions((...texts) => {
      this.showBanner(texts.filter(text => text !== '').join('\n'));
    });
    this.internals.attemptWithService(this.fail);
    this.internals.signAtOnce();
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
      // Such a server would wait for us while we wait for it.
      if (this.greeting.isOther) this.fail(errors.targetFailed(endpoint, this.greeting.describe()));
    };
    socket.on('data', this.inspect);
    limitReading(socket);
  }

  /** @returns whether the key is accepted; `undefined` when `verify` is called later */
  private onHostKey(blob: Buffer, verify: (isAccepted: boolean) => void): boolean | undefined {
    if (this.isVulnerable(this.offeredCipher)) {
      // Do not ask the user about the key of a server that cannot be used.
      this.fail(errors.cipherNeedsStrictExchange(this.options.endpoint, CHACHA20));
      return false;
    }
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

  /** The first of our ciphers that the server offers too (RFC 4253 7.1). */
  private get offeredCipher(): string | undefined {
    const offered = this.offer.algorithms?.cipher ?? [];
    return algorithmsFor(this.isLegacy).cipher.find(cipher => offered.includes(cipher));
  }

  private isVulnerable(cipher: string | undefined): boolean {
    return cipher === CHACHA20 && !this.internals.isStrict;
  }

  private openChannel(): void {
    const { options, client, internals } = this;
    this.requestedSize = options.size();
    const { cols, rows } = this.requestedSize;
    const { command, endpoint } = options;
    const terminal = { term: TERMINAL, cols, rows };
    const env = { ...options.environment?.(this.greeting.software) };
    const opened = (cause: Error | undefined, channel: ClientChannel): void => {
      if (!cause) this.succeed(channel, internals);
      else this.fail(errors.shellRefused(endpoint, command, cause));
    };
    if (command === undefined) client.shell(terminal, { env }, opened);
    else client.exec(command, { env, pty: terminal }, opened);
  }

  private showBanner(text: string): void {
    const { onBanner } = this.options;
    if (this.isSettled || text.trim() === '') return;
    this.banners += 1;
    if (this.banners <= MAX_BANNERS) onBanner?.(text);
    // The user has to read it and perhaps to act elsewhere. Further banners do not extend the time.
    if (this.banners > 1) return;
    clearTimeout(this.deadline);
    this.startDeadline();
  }

  private succeed(channel: ClientChannel, internals: Ssh2Internals): void {
    const { client, options } = this;
    if (!this.settle()) return;
    for (const event of ['error', 'close', 'change password', 'banner'])
      client.removeAllListeners(event);
    internals.forgetOpening(this.callbacks.opened());
    const { keepAliveIntervalMs = KEEP_ALIVE_INTERVAL_MS, socket } = options;
    const { requestedSize: size, hasTerminal } = this;
    const facts = { size, hasTerminal, keepAliveIntervalMs };
    const shell = new ShellStream(client, internals, channel, socket, facts);
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
    const isTalking = this.banners > 0 && this.phase === 'signIn';
    const { handshakeDeadlineMs = HANDSHAKE_DEADLINE_MS } = this.options;
    const ms = isTalking ? TALKING_DEADLINE_MS : handshakeDeadlineMs;
    this.deadline = setTimeout(() => {
      this.fail(errors.targetTimeout(this.options.endpoint, PHASES[this.phase].late));
    }, ms);
  }

  /** The deadline is suspended while the user answers; the caller limits that time. */
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

  /** Why the server ended the connection: many refuse a sign-in that way. */
  private whyGone(cause?: unknown): RemoteAccessError {
    const { greeting, phase, steps, options } = this;
    const { endpoint } = options;
    const description = this.internals.disconnect?.description ?? '';
    if (phase === 'signIn' && steps.hasSentProof) {
      const { username } = this.signIn;
      return steps.wantsMore
        ? errors.signInIncomplete(endpoint, username, steps.methodsLeft)
        : errors.signInRefused(endpoint, username, steps.methodsLeft, description);
    }
    const what = greeting.isSsh ? PHASES[phase].gone : greeting.describe();
    return errors.targetFailed(endpoint, what, cause, description);
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
    if (unmatched) return errors.noCommonAlgorithm(endpoint, unmatched);
    if (this.internals.disconnect) return this.whyGone(cause);
    const what = this.greeting.isSsh
      ? `The SSH connection failed: ${(cause as Error).message}.`
      : this.greeting.describe();
    return errors.targetFailed(endpoint, what, cause);
  }
}

function ignoreAfterFailure(): void {
  // The cause has been reported; later errors of the closing connection add nothing.
}
