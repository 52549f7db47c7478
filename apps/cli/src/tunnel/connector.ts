import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Endpoint } from '@remote-access/contracts';
import { BackOff } from '@remote-access/streams';
import { CliFailure } from '../failures/failure';
import type { Gateway } from '../directory/gateway-directory';
import type { PlatformClient } from '../platform/platform-client';
import { type Notice, TicketClient } from './ticket-client';
import { YAMUX_PROPOSAL } from '@remote-access/yamux';
import { MultiplexedSession } from './multiplexed-session';
import { type Channel, type Language, Tunnel } from './tunnel';

const FIRST_RETRY_MS = 250;

/** How long to keep trying to connect while the platform or the service is unavailable. */
const PATIENCE_MS = 60_000;

/** Opens connections to one endpoint, and retries if the service is briefly unavailable. */
export class Connector {
  private readonly tickets: TicketClient;
  private readonly language: Language;
  /** Whether connections share sessions; cleared if the agent turns out not to support it. */
  private isSharing = false;
  private shared: readonly MultiplexedSession[] = [];
  /** The session that is being opened for all pending connections. */
  private next: Promise<void> | undefined;
  private readonly closing = new AbortController();

  constructor(
    private readonly client: PlatformClient,
    readonly gateway: Gateway,
    readonly endpoint: Endpoint,
    notice: Notice,
    private readonly note: (text: string) => void,
  ) {
    // Many connections may be waiting at the same time.
    setMaxListeners(0, this.closing.signal);
    this.tickets = new TicketClient(client, notice, gateway.id, endpoint.id);
    // Local viewers expect RFB's own refusals, and Telnet programs negotiate themselves.
    this.language = endpoint.protocol === 'PASSTHROUGH' ? 'v1' : 'raw';
  }

  get url(): string {
    return this.client.url;
  }

  /**
   * From now on connections share sessions, if the gateway's agent supports it.
   *
   * @param wanted `undefined` to share if the agent is known to support it
   */
  share(wanted: boolean | undefined): void {
    // An agent that does not know the proposal forwards it to the server, which may be anything.
    this.isSharing = this.language === 'v1' && (wanted ?? this.gateway.sharesSessions);
  }

  /** Ends the shared sessions, and gives up opening others. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all(this.shared.map(session => session.close()));
  }

  /** Checks whether the user may connect now. @throws {CliFailure} with the reason */
  async check(): Promise<void> {
    await this.tickets.request();
  }

  /**
   * Retries are harmless, because nothing has been sent to the endpoint yet.
   *
   * @throws {CliFailure} with the reason
   */
  async open(): Promise<Channel> {
    const { signal } = this.closing;
    const delays = new BackOff(FIRST_RETRY_MS);
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return (await this.sharedChannel()) ?? (await this.tunnel());
      } catch (cause) {
        const mayRetry = cause instanceof CliFailure && cause.isTransient && !signal.aborted;
        if (!mayRetry || performance.now() > deadline) throw cause;
        this.note(`${cause.message} Trying again …`);
        await pause(delays.next(), undefined, { signal });
      }
    }
  }

  private async sharedChannel(): Promise<Channel | undefined> {
    while (this.isSharing) {
      // Opened at once, because the others that waited for the session take its room, too.
      const channel = this.shared.find(({ hasRoom }) => hasRoom)?.openChannel();
      if (channel) return channel;
      this.next ??= this.startSession().finally(() => (this.next = undefined));
      await this.next;
    }
    return undefined;
  }

  private tunnel(first?: Buffer): Promise<Tunnel> {
    const { client, tickets, language, closing } = this;
    return Tunnel.open(client, tickets, language, {
      signal: closing.signal,
      ...(first && { first }),
    });
  }

  private async startSession(): Promise<void> {
    const tunnel = await this.tunnel(Buffer.from(YAMUX_PROPOSAL));
    const session = await MultiplexedSession.agree(tunnel);
    if (session) {
      this.shared = [...this.shared.filter(({ isOpen }) => isOpen), session];
      if (this.closing.signal.aborted) await session.close();
      return;
    }
    if (tunnel.failure) throw tunnel.failure;
    this.isSharing = false;
    this.note("The gateway's agent opens one session for each connection.");
  }
}
