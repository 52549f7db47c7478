import { setTimeout as pause } from 'node:timers/promises';
import type { Endpoint } from '@remote-access/contracts';
import { BackOff } from '@remote-access/streams';
import { CliFailure } from '../failures/failure';
import type { Gateway } from '../directory/gateway-directory';
import type { PlatformClient } from '../platform/platform-client';
import { type Notice, TicketClient } from './ticket-client';
import { type Language, Tunnel } from './tunnel';

const FIRST_RETRY_MS = 250;

/** How long a connection is attempted while the platform or the service is away. */
const PATIENCE_MS = 60_000;

/** Opens sessions to one endpoint, again if the service is away for a moment. */
export class Connector {
  private readonly tickets: TicketClient;
  private readonly language: Language;

  constructor(
    private readonly client: PlatformClient,
    readonly gateway: Gateway,
    readonly endpoint: Endpoint,
    notice: Notice,
    private readonly note: (text: string) => void,
  ) {
    this.tickets = new TicketClient(client, notice, gateway.id, endpoint.id);
    // Local viewers expect RFB's own refusals, and Telnet programs negotiate themselves.
    this.language = endpoint.protocol === 'PASSTHROUGH' ? 'v1' : 'raw';
  }

  get url(): string {
    return this.client.url;
  }

  /** Whether the user may connect now. @throws {CliFailure} with the reason */
  async check(): Promise<void> {
    await this.tickets.request();
  }

  /**
   * Nothing has been sent to the endpoint while this waits, so trying again is harmless.
   *
   * @throws {CliFailure} with the reason
   */
  async open(signal?: AbortSignal): Promise<Tunnel> {
    const delays = new BackOff(FIRST_RETRY_MS);
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await Tunnel.open(this.client, this.tickets, this.language);
      } catch (cause) {
        const mayRetry = cause instanceof CliFailure && cause.isTransient && !signal?.aborted;
        if (!mayRetry || performance.now() > deadline) throw cause;
        this.note(`${cause.message} Trying again …`);
        await pause(delays.next(), undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
