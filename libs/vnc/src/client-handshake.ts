import { RemoteAccessError } from '@remote-access/contracts';
import type { Duplex } from 'node:stream';
import { read, send } from './handshake/handshake';
import { type Version, VERSIONS } from './handshake/protocol-version';
import {
  acceptClient,
  acceptViewer,
  forwardServerOffer,
  negotiateVersion,
  offerNoAuthentication,
  refuseClient,
} from './handshake/server-role';
import { HandshakeRunner } from './transport/handshake-runner';

/** How long the client may take for its part of the handshake. */
const HANDSHAKE_TIMEOUT_MS = 60_000;

/** How long a refused client may take to reach the point where it can receive the reason. */
const REFUSAL_TIMEOUT_MS = 2_000;

/** The handshake with the client of a session, in which the service takes the server's role. */
export class ClientHandshake {
  private readonly runner: HandshakeRunner;
  private started: Promise<Version> | undefined;

  constructor(clientSide: Duplex) {
    this.runner = new HandshakeRunner(clientSide, {
      timeoutMs: HANDSHAKE_TIMEOUT_MS,
      late: () => clientFault('The client did not complete the RFB handshake in time.'),
      ended: () => clientFault('The client disconnected during the VNC handshake.'),
    });
  }

  /** Starts the handshake of a raw client while the sign-in at the server is still running. */
  begin(): void {
    this.started = this.start();
    this.started.catch(ignoreUntilAwaited);
  }

  /** Tells the client that it is signed in; its ClientInit message comes next. */
  async accept(): Promise<void> {
    if (this.started) await this.runner.run(acceptClient(await this.started));
    else await this.runner.run(acceptViewer());
  }

  /** Sends the reason by RFB, so that raw clients show it. */
  async refuse(reason: string): Promise<void> {
    if (!this.started) return;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<undefined>(resolve => {
      timer = setTimeout(() => resolve(undefined), REFUSAL_TIMEOUT_MS);
    });
    const version = await Promise.race([this.started.catch(() => undefined), timeout]);
    clearTimeout(timer);
    if (version !== undefined) await this.runner.run(refuseClient(version, reason));
  }

  /** Exchanges ClientInit and ServerInit where the server's message has to be changed. */
  async exchangeInit(answer: (clientInit: Uint8Array) => Promise<Uint8Array>): Promise<void> {
    const clientInit = await this.runner.run(read(1, 'whether the screen is shared'));
    await this.runner.run(send(await answer(clientInit)));
  }

  /** Repeats what the server has sent to a viewer that signs in itself. */
  async forwardServerOffer(version: Version, offered: readonly number[]): Promise<void> {
    await this.runner.run(forwardServerOffer(version, offered));
  }

  /** Agrees on a version with a raw client that signs in itself. */
  negotiateVersion(offered: Version): Promise<Version> {
    return this.runner.run(negotiateVersion(offered));
  }

  private async start(): Promise<Version> {
    const version = await this.runner.run(negotiateVersion(VERSIONS.v3_8));
    await this.runner.run(offerNoAuthentication(version));
    return version;
  }
}

function clientFault(detail: string): RemoteAccessError {
  return new RemoteAccessError('malformed-request', { detail });
}

function ignoreUntilAwaited(): void {
  // `accept` and `refuse` await the promise and handle its failure.
}
