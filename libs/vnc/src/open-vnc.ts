import { RemoteAccessError } from '@remote-access/contracts';
import type { Duplex } from 'node:stream';
import { HandshakeRunner } from './handshake-runner';
import { NODE_CRYPTOGRAPHY } from './node-cryptography';
import { acceptClient, greetClient, offerNone, refuseClient } from './offer-none';
import { VERSIONS, versionLine, type AnnouncedVersion, type Version } from './protocol-version';
import { send } from './handshake';
import { GREETING, serverGreeting } from './server-greeting';
import { signIn, TYPES } from './sign-in';
import type { SignInContext, VncCredentials } from './sign-in-context';
import { VncTexts } from './vnc-texts';

/** All that a server may take for its part of the handshake. */
const HANDSHAKE_PATIENCE_MS = 30_000;

/** What a client may take to hear why it is refused, after the server's word. */
const FAREWELL_PATIENCE_MS = 2_000;

export interface VncOptions {
  /** The bytes to and from the server; owned by the session once it is open. */
  readonly deviceSide: Duplex;
  /** The bytes to and from the client, who speaks RFB as if to the server itself. */
  readonly clientSide: Duplex;
  readonly endpointName: string;
  /** Without a password the client signs in by itself. */
  readonly credentials: VncCredentials;
  readonly ask?: SignInContext['ask'];
  readonly onSignedIn?: () => void;
  readonly patienceMs?: number;
}

/**
 * Brings a VNC client and a server to the point where both know that the sign-in succeeded; from
 * there on they are joined byte for byte. With a stored password the service signs in by itself
 * and offers the client a way in without any, so that the password never leaves the service.
 *
 * @returns the server's stream, enciphered where the sign-in made it so
 * @throws RemoteAccessError; the device side is destroyed then
 */
export async function openVnc(options: VncOptions): Promise<Duplex> {
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
  private readonly client: HandshakeRunner;
  private announced: AnnouncedVersion | undefined;

  constructor(private readonly options: VncOptions) {
    this.texts = new VncTexts(options.endpointName);
    this.server = new HandshakeRunner(options.deviceSide, {
      patienceMs: options.patienceMs ?? HANDSHAKE_PATIENCE_MS,
      late: what => (what === GREETING ? this.texts.lateGreeting() : this.texts.late(what)),
      ended: (what, cause) => this.serverEnded(what, cause),
    });
    this.client = new HandshakeRunner(options.clientSide, {
      late: clientLeft,
      ended: clientLeft,
    });
  }

  async run(): Promise<Duplex> {
    const announced = await this.server.run(serverGreeting(this.texts));
    this.announced = announced;
    if (this.options.credentials.password === undefined) await this.passThrough(announced);
    else await this.signInForClient(announced);
    return this.server.stream;
  }

  /** The client signs in by itself; only the version line is translated. */
  private async passThrough({ spoken = VERSIONS.v3_8 }: AnnouncedVersion): Promise<void> {
    const chosen = await this.client.run(greetClient(spoken));
    await this.server.run(send(versionLine(chosen)));
  }

  private async signInForClient(announced: AnnouncedVersion): Promise<void> {
    // The client is brought to its last question meanwhile: that saves it two round trips.
    const greeted = this.greet();
    greeted.catch(ignoreAfterFailure);
    const context: SignInContext = {
      credentials: this.options.credentials,
      cryptography: NODE_CRYPTOGRAPHY,
      texts: this.texts,
      ...(this.options.ask ? { ask: this.options.ask } : {}),
    };
    try {
      await this.server.run(signIn(announced, context));
    } catch (cause) {
      await this.tellRefusal(greeted, cause);
      throw cause;
    }
    this.options.onSignedIn?.();
    await this.client.run(acceptClient(await greeted));
  }

  private async greet(): Promise<Version> {
    const version = await this.client.run(greetClient(VERSIONS.v3_8));
    await this.client.run(offerNone(version));
    return version;
  }

  /** So that viewers which know nothing but RFB show the reason as well. */
  private async tellRefusal(greeted: Promise<Version>, cause: unknown): Promise<void> {
    if (!(cause instanceof RemoteAccessError)) return;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<undefined>(resolve => {
      timer = setTimeout(() => resolve(undefined), FAREWELL_PATIENCE_MS);
    });
    const version = await Promise.race([greeted.catch(() => undefined), patience]);
    clearTimeout(timer);
    if (version !== undefined) await this.client.run(refuseClient(version, cause.message));
  }

  private serverEnded(what: string, cause: unknown): RemoteAccessError {
    const { announced, texts } = this;
    if (what === TYPES && announced?.isBeyond) return texts.unsupportedVersion(announced.text);
    return texts.ended(what, cause);
  }
}

function clientLeft(): RemoteAccessError {
  return new RemoteAccessError('malformed-request', {
    detail: 'The client left during the VNC handshake.',
  });
}

function ignoreAfterFailure(): void {
  // The failure that counts has been told; what the dying connection adds says nothing new.
}
