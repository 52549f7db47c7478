import { RemoteAccessError } from '@remote-access/contracts';
import type { Duplex } from 'node:stream';
import { BIG_ENDIAN } from './handshake/big-endian';
import { type Handshake, read, send } from './handshake/handshake';
import { type Version, VERSIONS } from './handshake/protocol-version';
import {
  acceptClient,
  acceptViewer,
  forwardChallenge,
  forwardServerOffer,
  negotiateVersion,
  offerNoAuthentication,
  refuseAnswer,
  refuseClient,
  refuseOffer,
} from './handshake/server-role';
import { HandshakeRunner } from './transport/handshake-runner';

/** How long the client may take for its part of the handshake. */
const HANDSHAKE_TIMEOUT_MS = 60_000;

/** How long to wait until a refused client can receive the reason. */
const REFUSAL_TIMEOUT_MS = 2_000;

/** What a raw client has been offered by the time the sign-in at the server succeeds or fails. */
type Offer = 'nothing' | 'none' | 'password';

/** The handshake with the client of a session, in which the service takes the server's role. */
export class ClientHandshake {
  private readonly runner: HandshakeRunner;
  private started: Promise<Version> | undefined;
  private offer: Offer = 'nothing';

  constructor(clientSide: Duplex) {
    this.runner = new HandshakeRunner(clientSide, {
      timeoutMs: HANDSHAKE_TIMEOUT_MS,
      late: () => clientFault('The client did not complete the RFB handshake in time.'),
      ended: () => clientFault('The client disconnected during the VNC handshake.'),
    });
  }

  /**
   * Starts the handshake with a raw client while the sign-in at the server is still running.
   * @param offersNone whether it is already known that the client needs no password
   */
  begin(offersNone: boolean): void {
    if (offersNone) this.offer = 'none';
    this.started = this.start(offersNone);
    this.started.catch(ignoreUntilAwaited);
  }

  /** Lets a raw client answer the challenge of a server that requires the VNC password. */
  async answerChallenge(challenge: Uint8Array): Promise<Uint8Array> {
    const version = await this.started!;
    this.offer = 'password';
    return this.runner.run(forwardChallenge(version, challenge));
  }

  /** Tells the client that it is signed in; its ClientInit message comes next. */
  async accept(): Promise<void> {
    if (!this.started) return this.runner.run(acceptViewer());
    const version = await this.started;
    switch (this.offer) {
      case 'nothing':
        await this.runner.run(offerNoAuthentication(version));
        return this.runner.run(acceptClient(version));
      case 'none':
        return this.runner.run(acceptClient(version));
      case 'password':
        return this.runner.run(send(BIG_ENDIAN.uint32(0)));
      default:
        return this.offer satisfies never;
    }
  }

  /** Sends the reason in an RFB message, so that raw clients display it. */
  async refuse(reason: string): Promise<void> {
    if (!this.started) return;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<undefined>(resolve => {
      timer = setTimeout(() => resolve(undefined), REFUSAL_TIMEOUT_MS);
    });
    const version = await Promise.race([this.started.catch(() => undefined), timeout]);
    clearTimeout(timer);
    if (version === undefined) return;
    await this.runner.run(this.refusal(version, reason));
  }

  private refusal(version: Version, reason: string): Handshake<void> {
    switch (this.offer) {
      case 'nothing':
        return refuseOffer(version, reason);
      case 'none':
        return refuseClient(version, reason);
      case 'password':
        return refuseAnswer(version, reason);
      default:
        return this.offer satisfies never;
    }
  }

  /** Reads ClientInit, where it or ServerInit must be changed. */
  readInit(): Promise<Uint8Array> {
    return this.runner.run(read(1, 'whether the screen is shared'));
  }

  /** Answers ClientInit, where the server's own message is not what the client expects. */
  async sendServerInit(serverInit: Uint8Array): Promise<void> {
    await this.runner.run(send(serverInit));
  }

  /** Repeats what the server has sent, for a viewer that signs in itself. */
  async forwardServerOffer(version: Version, offered: readonly number[]): Promise<void> {
    await this.runner.run(forwardServerOffer(version, offered));
  }

  /** Agrees on a version with a raw client that signs in itself. */
  negotiateVersion(offered: Version): Promise<Version> {
    return this.runner.run(negotiateVersion(offered));
  }

  private async start(offersNone: boolean): Promise<Version> {
    const version = await this.runner.run(negotiateVersion(VERSIONS.v3_8));
    if (offersNone) await this.runner.run(offerNoAuthentication(version));
    return version;
  }
}

function clientFault(detail: string): RemoteAccessError {
  return new RemoteAccessError('malformed-request', { detail });
}

function ignoreUntilAwaited(): void {
  // `accept` and `refuse` await the promise and handle its failure.
}
