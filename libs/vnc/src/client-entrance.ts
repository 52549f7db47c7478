import { RemoteAccessError } from '@remote-access/contracts';
import type { Duplex } from 'node:stream';
import { read, send } from './handshake';
import { HandshakeRunner } from './handshake-runner';
import { acceptClient, greetClient, letIn, offerNone, refuseClient } from './offer-none';
import { passServerOn } from './pass-server-on';
import { VERSIONS, type Version } from './protocol-version';

/** A client has this long for its words of the handshake. */
const PATIENCE_MS = 60_000;

/** What a client may take to hear why it is refused, after the server's word. */
const FAREWELL_PATIENCE_MS = 2_000;

/** Plays the server for a client that the service signs in for. */
export class ClientEntrance {
  private readonly runner: HandshakeRunner;
  private greeted: Promise<Version> | undefined;

  constructor(clientSide: Duplex) {
    this.runner = new HandshakeRunner(clientSide, {
      patienceMs: PATIENCE_MS,
      late: () => clientFault('The client did not speak RFB in time.'),
      ended: () => clientFault('The client left during the VNC handshake.'),
    });
  }

  /** Brings the client to its last question while the server is still asked. */
  begin(): void {
    this.greeted = this.greet();
    this.greeted.catch(ignoreUntilAwaited);
  }

  /** Lets the client in, to where it says whether the screen is shared. */
  async accept(): Promise<void> {
    if (this.greeted) await this.runner.run(acceptClient(await this.greeted));
    else await this.runner.run(letIn());
  }

  /** So that viewers which know nothing but RFB show the reason as well. */
  async refuse(reason: string): Promise<void> {
    if (!this.greeted) return;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<undefined>(resolve => {
      timer = setTimeout(() => resolve(undefined), FAREWELL_PATIENCE_MS);
    });
    const version = await Promise.race([this.greeted.catch(() => undefined), patience]);
    clearTimeout(timer);
    if (version !== undefined) await this.runner.run(refuseClient(version, reason));
  }

  /** What client and server say of themselves, where the server says too much. */
  async initialise(answer: (clientInit: Uint8Array) => Promise<Uint8Array>): Promise<void> {
    const clientInit = await this.runner.run(read(1, 'whether the screen is shared'));
    await this.runner.run(send(await answer(clientInit)));
  }

  /** For a viewer that signs in by itself: what the server has said already. */
  async passOn(version: Version, offered: readonly number[]): Promise<void> {
    await this.runner.run(passServerOn(version, offered));
  }

  /** For a client that signs in by itself: which version it speaks with the server. */
  agree(spoken: Version): Promise<Version> {
    return this.runner.run(greetClient(spoken));
  }

  private async greet(): Promise<Version> {
    const version = await this.runner.run(greetClient(VERSIONS.v3_8));
    await this.runner.run(offerNone(version));
    return version;
  }
}

function clientFault(detail: string): RemoteAccessError {
  return new RemoteAccessError('malformed-request', { detail });
}

function ignoreUntilAwaited(): void {
  // Who accepts or refuses the client waits for the greeting, and hears of its failure there.
}
