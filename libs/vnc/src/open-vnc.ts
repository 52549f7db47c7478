import { RemoteAccessError } from '@remote-access/contracts';
import type { Duplex } from 'node:stream';
import { ClientHandshake } from './client-handshake';
import { NODE_CRYPTOGRAPHY } from './crypto/node-cryptography';
import { send } from './handshake/handshake';
import {
  type AnnouncedVersion,
  type Version,
  versionLine,
  VERSIONS,
} from './handshake/protocol-version';
import { SECURITY_TYPES } from './handshake/security-types';
import { provokedGreeting, serverGreeting } from './handshake/server-greeting';
import { VncErrors } from './handshake/vnc-errors';
import { offeredTypes, signIn, TYPES } from './methods/sign-in';
import type {
  Needs,
  SignInContext,
  SignInMethod,
  SignInRules,
  VncCredentials,
} from './methods/sign-in-method';
import { tightServerInit } from './methods/tight';
import { HandshakeRunner } from './transport/handshake-runner';
import { ViewOnlyStream } from './view-only/view-only-stream';

const { NONE, VNC_AUTHENTICATION, RA2_NE, APPLE_DIFFIE_HELLMAN, VENCRYPT } = SECURITY_TYPES;

/** How long the server may take for its part of the handshake. */
const HANDSHAKE_TIMEOUT_MS = 30_000;

/** VNC servers send first; one that is started for each connection takes seconds to do so. */
const GREETING_TIMEOUT_MS = 10_000;

/**
 * How long a server may take to describe its screen; after that the session continues without
 * waiting.
 */
const SCREEN_TIMEOUT_MS = 10_000;

/** ServerInit (RFC 6143, section 7.3.2): size, pixel format, and a name after its length. */
const SERVER_INIT_BYTES = 24;
const NAME_LENGTH_AT = 20;

/** Longer names are not awaited. */
const MAX_NAME_BYTES = 4096;

const SCREEN = 'its screen';

/** How long a server of another kind may take to answer an invalid request. */
const PROVOKED_TIMEOUT_MS = 2_000;

export interface VncOptions {
  /** The connection to the server. The session owns it once it is open. */
  readonly deviceSide: Duplex;
  /** The connection to the client, which speaks RFB as if talking to the server. */
  readonly clientSide: Duplex;
  /** Whether the client speaks RFB only. Otherwise it is our viewer in the browser. */
  readonly isRawClient: boolean;
  readonly endpointName: string;
  /** Without a password the client signs in itself if it can. */
  readonly credentials: VncCredentials;
  readonly rules: SignInRules;
  /** Sends the VNC password in the other encoding; see {@link isAmbiguous}. */
  readonly swapsPasswordEncoding?: boolean;
  /** The client may see the screen, but neither control the machine nor disconnect others. */
  readonly isViewOnly: boolean;
  /** @param isUnencrypted whether others on the network can read the answers */
  readonly ask?: (
    needs: Exclude<Needs, 'nothing'>,
    isUnencrypted: boolean,
  ) => Promise<VncCredentials>;
  readonly checkServerKey: SignInContext['checkServerKey'];
  /** Why the server's key was not checked, as the end of a sentence; not called if it was. */
  readonly onKeyUnchecked?: (reason: string) => void;
  /** @param isUnencrypted whether others on the network can read user name and password */
  readonly onSignedIn?: (isUnencrypted: boolean) => void;
  readonly handshakeTimeoutMs?: number;
}

export interface OpenVnc {
  /**
   * The server's byte stream, decrypted if the sign-in method encrypts it. If the client of a
   * view-only session sends a message that cannot be filtered, the stream is destroyed with a
   * RemoteAccessError.
   */
  readonly target: Duplex;
  /** Whether the connection to the server stays encrypted after the sign-in. */
  readonly isEncrypted: boolean;
  /** Runs the handshake with the client. Afterwards both streams are to be joined byte for byte. */
  greet(): Promise<void>;
}

/**
 * Prepares a VNC server for a client. If a password is stored, the service signs in and offers the
 * client no authentication, so the password never leaves the service. Otherwise the client signs in
 * itself if it can, or the user is asked. The service always signs in if a key is pinned, because
 * only then does it see the key, and in a view-only session, because only then can it read what the
 * client sends. A client may still answer the challenge of VNC authentication.
 *
 * @throws RemoteAccessError, after destroying the device side
 */
export async function openVnc(options: VncOptions): Promise<OpenVnc> {
  const { deviceSide } = options;
  try {
    return await new VncOpening(options).run();
  } catch (cause) {
    deviceSide.on('error', ignoreAfterFailure);
    deviceSide.destroy();
    throw cause;
  }
}

class VncOpening {
  private readonly errors: VncErrors;
  private readonly server: HandshakeRunner;
  private readonly client: ClientHandshake;
  private announced: AnnouncedVersion | undefined;
  private method: SignInMethod | undefined;

  constructor(private readonly options: VncOptions) {
    this.errors = new VncErrors(options.endpointName, options.isViewOnly);
    this.client = new ClientHandshake(options.clientSide);
    this.server = new HandshakeRunner(options.deviceSide, {
      timeoutMs: options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS,
      late: what => this.errors.late(what),
      ended: (what, cause) => this.serverEnded(what, cause),
    });
  }

  async run(): Promise<OpenVnc> {
    const { isRawClient, onSignedIn, onKeyUnchecked } = this.options;
    if (isRawClient && !this.clientSignsIn) this.client.begin(this.isPasswordStored);
    try {
      const announced = await this.greeting();
      this.announced = announced;
      const version = announced.supported ?? VERSIONS.v3_8;
      if (this.clientSignsIn && isRawClient) {
        onKeyUnchecked?.(VIEWER_SIGNS_IN);
        return this.opened(() => this.forwardVersion(version));
      }
      await this.server.run(send(versionLine(version)));
      const offered = await this.server.run(offeredTypes(version, announced, this.errors));
      const forViewer = viewerTypes(offered);
      if (this.clientSignsIn && forViewer.length > 0) {
        onKeyUnchecked?.(VIEWER_SIGNS_IN);
        return this.opened(() => this.client.forwardServerOffer(version, forViewer));
      }
      const method = await this.server.run(signIn(version, offered, this.context));
      const { isUnencrypted = false } = this.method ?? method;
      if (!this.method?.provesKey) onKeyUnchecked?.(withoutKey(this.method ?? method));
      onSignedIn?.(isUnencrypted);
      return this.opened(() => this.admitClient(method));
    } catch (cause) {
      const failure = this.asFailure(cause);
      await this.client.refuse(failure.message);
      throw failure;
    }
  }

  private get isPasswordStored(): boolean {
    return this.options.credentials.password !== undefined;
  }

  /** Whether the sign-in may be left to the client. */
  private get clientSignsIn(): boolean {
    const { isViewOnly, rules } = this.options;
    return !this.isPasswordStored && !rules.requiresServerKey && !isViewOnly;
  }

  private async greeting(): Promise<AnnouncedVersion> {
    const silence = this.errors.lateGreeting();
    const { handshakeTimeoutMs = GREETING_TIMEOUT_MS } = this.options;
    const runner = this.listener(Math.min(handshakeTimeoutMs, GREETING_TIMEOUT_MS), silence);
    try {
      return await runner.run(serverGreeting(this.errors));
    } catch (cause) {
      if (cause !== silence) throw cause;
      const provoked = this.listener(Math.min(handshakeTimeoutMs, PROVOKED_TIMEOUT_MS), silence);
      throw this.errors.notConnected(await provoked.run(provokedGreeting()));
    }
  }

  private listener(timeoutMs: number, silence: RemoteAccessError): HandshakeRunner {
    return new HandshakeRunner(this.options.deviceSide, {
      timeoutMs,
      late: () => silence,
      ended: what => this.serverEnded(what),
    });
  }

  private opened(greet: () => Promise<void>): OpenVnc {
    const { stream } = this.server;
    const { isViewOnly, deviceSide } = this.options;
    const target = isViewOnly ? new ViewOnlyStream(stream) : stream;
    return { target, isEncrypted: stream !== deviceSide, greet };
  }

  /** The client signs in itself, with a version that both ends support. */
  private async forwardVersion(version: Version): Promise<void> {
    const chosen = await this.client.negotiateVersion(version);
    await this.server.run(send(versionLine(chosen)));
  }

  private async admitClient({ extendsServerInit, needs }: SignInMethod): Promise<void> {
    const { client, server, errors } = this;
    const { isViewOnly } = this.options;
    await client.accept();
    const clientInit = await client.readInit();
    await server.run(send(isViewOnly ? SHARED : clientInit));
    if (extendsServerInit) await client.sendServerInit(await server.run(tightServerInit(errors)));
    else if ((this.method?.needs ?? needs) !== 'nothing') await this.expectScreen();
  }

  /**
   * Some servers accept any credentials and then close the connection (wayvnc 0.5 after some
   * arbitrary bytes). Slow servers are not awaited: unless the connection ends, the session
   * continues.
   */
  private async expectScreen(): Promise<void> {
    const runner = new HandshakeRunner(this.server.stream, {
      timeoutMs: SCREEN_TIMEOUT_MS,
      late: () => new Error('late'),
      ended: () => this.errors.signInRefused('', 'closed the connection'),
    });
    try {
      const init = await runner.preview(SERVER_INIT_BYTES, SCREEN);
      const nameBytes = Math.min(init.readUInt32BE(NAME_LENGTH_AT), MAX_NAME_BYTES);
      await runner.preview(SERVER_INIT_BYTES + nameBytes, SCREEN);
    } catch (cause) {
      if (cause instanceof RemoteAccessError) throw cause;
    }
  }

  private get context(): SignInContext {
    const { credentials, rules, ask, isRawClient, checkServerKey } = this.options;
    return {
      credentials,
      rules,
      checkServerKey,
      swapsEncoding: this.options.swapsPasswordEncoding ?? false,
      cryptography: NODE_CRYPTOGRAPHY,
      errors: this.errors,
      onMethod: method => (this.method = method),
      ...(ask ? { ask: needs => ask(needs, this.method?.isUnencrypted === true) } : {}),
      ...(isRawClient && !this.isPasswordStored
        ? { answerChallenge: challenge => this.client.answerChallenge(challenge) }
        : {}),
    };
  }

  private serverEnded(what: string, cause?: unknown): RemoteAccessError {
    const { announced, errors } = this;
    if (what === TYPES && announced?.isBeyond) return errors.unsupportedVersion(announced.text);
    return errors.ended(what, cause);
  }

  private asFailure(cause: unknown): RemoteAccessError {
    if (cause instanceof RemoteAccessError) return cause;
    return this.errors.notConnected('The handshake with the VNC server failed.', cause);
  }
}

function ignoreAfterFailure(): void {
  // The first failure has been reported.
}

/** ClientInit (RFC 6143, section 7.3.1) with the flag that keeps other viewers connected. */
const SHARED = Uint8Array.of(1);

const VIEWER_SIGNS_IN = 'the viewer signs in itself';

function withoutKey({ name, isUnencrypted }: SignInMethod): string {
  const sent = isUnencrypted ? '; user name and password were sent unencrypted' : '';
  return `the sign-in method "${name}" has none${sent}`;
}

/**
 * Security types with which noVNC signs in itself, asking the user for credentials. It knows Tight
 * and MS-Logon II too, but would send user name and password unencrypted with them.
 */
const NOVNC_TYPES: readonly number[] = [NONE, VNC_AUTHENTICATION, RA2_NE, APPLE_DIFFIE_HELLMAN];

/**
 * The security types left to noVNC, which chooses the first one that it knows. It knows VeNCrypt
 * but fails with it if the server requires TLS, so nothing is left to it if VeNCrypt is offered.
 */
function viewerTypes(offered: readonly number[]): readonly number[] {
  return offered.includes(VENCRYPT) ? [] : offered.filter(type => NOVNC_TYPES.includes(type));
}
