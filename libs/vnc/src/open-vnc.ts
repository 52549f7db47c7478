import { RemoteAccessError } from '@remote-access/contracts';
import type { Duplex } from 'node:stream';
import { ClientEntrance } from './client-entrance';
import { send } from './handshake';
import { HandshakeRunner } from './handshake-runner';
import { NODE_CRYPTOGRAPHY } from './node-cryptography';
import { VERSIONS, versionLine, type AnnouncedVersion } from './protocol-version';
import { GREETING, serverGreeting } from './server-greeting';
import { signIn, TYPES } from './sign-in';
import type { SignInContext, VncCredentials } from './sign-in-context';
import { VncTexts } from './vnc-texts';

/** All that a server may take for its part of the handshake. */
const PATIENCE_MS = 30_000;

export interface VncOptions {
  /** The bytes to and from the server; owned by the session once it is open. */
  readonly deviceSide: Duplex;
  /** The bytes to and from the client, who speaks RFB as if to the server itself. */
  readonly clientSide: Duplex;
  /** Whether the client learns by RFB alone why it is refused. */
  readonly knowsRfbOnly: boolean;
  readonly endpointName: string;
  /** Without a password the client signs in by itself. */
  readonly credentials: VncCredentials;
  readonly ask?: SignInContext['ask'];
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
      late: what => (what === GREETING ? this.texts.lateGreeting() : this.texts.late(what)),
      ended: (what, cause) => this.serverEnded(what, cause),
    });
  }

  async run(): Promise<OpenVnc> {
    const isSignedInHere = this.options.credentials.password !== undefined;
    if (isSignedInHere && this.options.knowsRfbOnly) this.client.begin();
    try {
      const announced = await this.server.run(serverGreeting(this.texts));
      this.announced = announced;
      if (!isSignedInHere) return this.opened(() => this.passVersionOn(announced));
      await this.server.run(signIn(announced, this.context));
    } catch (cause) {
      if (cause instanceof RemoteAccessError) await this.client.refuse(cause.message);
      throw cause;
    }
    this.options.onSignedIn?.();
    return this.opened(() => this.client.accept());
  }

  private opened(greet: () => Promise<void>): OpenVnc {
    return { target: this.server.stream, greet };
  }

  /** The client signs in by itself; only the version line is translated. */
  private async passVersionOn({ spoken = VERSIONS.v3_8 }: AnnouncedVersion): Promise<void> {
    const chosen = await this.client.agree(spoken);
    await this.server.run(send(versionLine(chosen)));
  }

  private get context(): SignInContext {
    const { credentials, ask } = this.options;
    const held = { credentials, cryptography: NODE_CRYPTOGRAPHY, texts: this.texts };
    return ask ? { ...held, ask } : held;
  }

  private serverEnded(what: string, cause: unknown): RemoteAccessError {
    const { announced, texts } = this;
    if (what === TYPES && announced?.isBeyond) return texts.unsupportedVersion(announced.text);
    return texts.ended(what, cause);
  }
}

function ignoreAfterFailure(): void {
  // The failure that counts has been told; what the dying connection adds says nothing new.
}
