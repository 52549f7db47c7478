import type { Ticket } from '@remote-access/contracts';
import type { PlatformCalls } from '../host/platform-calls';
import { Refusal } from '../ui/refusal';

/** The way to an endpoint's WebSocket: first a ticket over REST, so that no credential is in an address. */
export class SessionDoor {
  private readonly path: string;

  constructor(
    private readonly platform: PlatformCalls,
    deviceId: string,
    endpointId: string,
  ) {
    this.path =
      `/service/remoteaccess/client/${encodeURIComponent(deviceId)}` +
      `/configurations/${encodeURIComponent(endpointId)}`;
  }

  async requestTicket(): Promise<string | Refusal> {
    const { status, body } = await this.platform.call('POST', `${this.path}/tickets`, {});
    return status === 201 ? (body as Ticket).ticket : Refusal.of(status, body);
  }

  openSocket(ticket: string, subprotocol: string): WebSocket {
    const query = new URLSearchParams({ ticket });
    return new WebSocket(this.platform.webSocketAddress(`${this.path}?${query}`), subprotocol);
  }
}
