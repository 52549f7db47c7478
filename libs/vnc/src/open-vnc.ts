import { RemoteAccessError } from '@remote-access/contracts';
import type { Duplex } from 'node:stream';
import { ClientEntrance } from './client-entrance';
import { send } from './handshake';
import { HandshakeRunner } from './handshake-runner';
import { NODE_CRYPTOGRAPHY } from './node-cryptography';
import { VERSIONS, versionLine, type AnnouncedVersion, type Version } from './protocol-version';
import { provokedGreeting, serverGreeting } from './server-greeting';
import { offeredTypes, signIn, TYPES } from './sign-in';
import type { SignInContext, VncCredentials } from './sign-in-context';
import { tightServerInit } from './tight-server-init';
import { isLeftToViewer } from './viewer-sign-in';
import { VncTexts } from './vnc-texts';

/** All that a server may take for its part of the handshake. */
const PATIENCE_MS = 30_000;

/** A VNC server speaks first and at once; one that is started for each connection takes seconds. */
const GREETING_PATIENCE_MS = 10_000;

/** What a server of another kind may take to say what it is, when it is provoked. */
const PROVOKED_PATIENCE_MS = 2_000;

export interface VncOptions {
  /** The bytes to and from the server; owned by the session once it is open. */
  readonly deviceSide: Duplex;
  /** The bytes to and from the client, who speaks RFB as if to the server itself. */
  readonly clientSide: Duplex;
  /** Whether the client knows RFB alone; else it is a viewer in the browser. */
  readonly knowsRfbOnly: boolean;
  readonly endpointName: string;
  /** Without a password the client signs in by itself, if it can. */
  readonly credentials: VncCredentials;
  readonly ask?: SignInContext['ask'];
  readonly checkServerKey: SignInContext['checkServerKey'];
  readonly onSignedIn?: () => void;
  readonly patienceMs?: number;
}

/** A server that waits for its viewer. */
export interface OpenVnc {
  /** The server's stream, enciphered where the sign-in made it so. */
  readonly target: Duplex;
  /** Speaks with the client; afterwards the two are joined byte for byte. */
  greet(): Promise<void>;
}

/**
 * Brings a VNC server to the point where a viewer can take over. With a stored password the service
 * signs in by itself and lets the viewer in without any, so that the password never leaves it.
 *
 * @throws RemoteAccessError; the device side is destroyed then
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
  private readonly texts: VncTexts;
  private readonly server: HandshakeRunner;
  private readonly client: ClientEntrance;
  private announced: AnnouncedVersion | undefined;

  constructor(private readonly options: VncOptions) {
    this.texts = new VncTexts(options.endpointName);
    this.client = new ClientEntrance(options.clientSide);
    this.server = new HandshakeRunner(options.deviceSide, {
      patienceMs: options.patienceMs ?? PATIENCE_MS,
      late: what => this.texts.late(what),
      ended: (what, cause) => this.serverEnded(what, cause),
    });
  }

  async run(): Promise<OpenVnc> {
    const { credentials, knowsRfbOnly } = this.options;
    const isPasswordStored = credentials.password !== undefined;
    if (isPasswordStored && knowsRfbOnly) this.client.begin();
    try {
      const announced = await this.greeting();
      this.announced = announced;
      const version = announced.spoken ?? VERSIONS.v3_8;
      if (!isPasswordStored && knowsRfbOnly) return this.opened(() => this.passVersionOn(version));
      await this.server.run(send(versionLine(version)));
      const offered = await this.server.run(offeredTypes(version, announced, this.texts));
      if (!isPasswordStored && isLeftToViewer(offered)) {
        return this.opened(() => this.client.passOn(version, offered));
      }
      const method = await this.server.run(signIn(version, offered, this.context));
      this.options.onSignedIn?.();
      return this.opened(() => this.letClientIn(method.extendsServerInit === true));
    } catch (cause) {
      const failure = this.asFailure(cause);
      await this.client.refuse(failure.message);
      throw failure;
    }
  }

  private async greeting(): Promise<AnnouncedVersion> {
    const silence = this.texts.lateGreeting();
    const { patienceMs = GREETING_PATIENCE_MS } = this.options;
    const runner = this.listener(Math.min(patienceMs, GREETING_PATIENCE_MS), silence);
    try {
      return await runner.run(serverGreeting(this.texts));
    } catch (cause) {
      if (cause !== silence) throw cause;
      const provoked = this.listener(Math.min(patienceMs, PROVOKED_PATIENCE_MS), silence);
      throw this.texts.notConnected(await provoked.run(provokedGreeting()));
    }
  }

  private listener(patienceMs: number, silence: RemoteAccessError): HandshakeRunner {
    return new HandshakeRunner(this.options.deviceSide, {
      patienceMs,
      late: () => silence,
      ended: what => this.serverEnded(what),
    });
  }

  private opened(greet: () => Promise<void>): OpenVnc {
    return { target: this.server.stream, greet };
  }

  /** The client signs in by itself; only the version line is translated. */
  private async passVersionOn(version: Version): Promise<void> {
    const chosen = await this.client.agree(version);
    await this.server.run(send(versionLine(chosen)));
  }

  private async letClientIn(hasLongInit: boolean): Promise<void> {
    await this.client.accept();
    if (!hasLongInit) return;
    const { client, server, texts } = this;
    await client.initialise(async clientInit => {
      await server.run(send(clientInit));
      return server.run(tightServerInit(texts));
    });
  }

  private get context(): SignInContext {
    const { credentials, ask, checkServerKey } = this.options;
    const cryptography = NODE_CRYPTOGRAPHY;
    const held = { credentials, checkServerKey, cryptography, texts: this.texts };
    return ask ? { ...held, ask } : held;
  }

  private serverEnded(what: string, cause?: unknown): RemoteAccessError {
    const { announced, texts } = this;
    if (what === TYPES && announced?.isBeyond) return texts.unsupportedVersion(announced.text);
    return texts.ended(what, cause);
  }

  private asFailure(cause: unknown): RemoteAccessError {
    if (cause instanceof RemoteAccessError) return cause;
    return this.texts.notConnected('The handshake with the VNC server failed.', cause);
  }
}

function ignoreAfterFailure(): void {
  // The failure that counts has been told; what the dying connection adds says nothing new.
}
