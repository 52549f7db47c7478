import type { ShownSettings, Ticket, TicketBody } from '@remote-access/contracts';
import type { PlatformAnswer, PlatformCalls } from '../host/platform-calls';
import { Refusal } from '../ui/refusal';
import { gettext } from '../ui/words';

/** Who shows people the notice of their administrator. */
export interface NoticeReader {
  /** @returns whether it was accepted */
  accepts(notice: string): Promise<boolean>;
}

/**
 * How often a notice is shown that has changed while it was read; after that somebody is at work
 * on it, and the refusal is shown.
 */
const MOST_NOTICES = 3;

/** The way to an endpoint's WebSocket: first a ticket over REST, so that no credential is in an address. */
export class SessionDoor {
  private readonly path: string;
  /** What was accepted here stays accepted: a lost connection is no reason to read it again. */
  private noticeAccepted: string | undefined;

  constructor(
    private readonly platform: PlatformCalls,
    private readonly reader: NoticeReader,
    deviceId: string,
    endpointId: string,
  ) {
    this.path =
      `/service/remoteaccess/client/${encodeURIComponent(deviceId)}` +
      `/configurations/${encodeURIComponent(endpointId)}`;
  }

  async requestTicket(): Promise<string | Refusal> {
    for (let shown = 0; ; shown += 1) {
      const body: TicketBody = this.noticeAccepted ? { noticeAccepted: this.noticeAccepted } : {};
      const answer = await this.platform.call('POST', `${this.path}/tickets`, body);
      if (answer.status === 201) return (answer.body as Ticket).ticket;
      const refusal = Refusal.of(answer.status, answer.body);
      if (refusal.code !== 'notice-not-accepted' || shown === MOST_NOTICES) return refusal;
      const unread = await this.showNotice();
      if (unread) return unread;
    }
  }

  openSocket(ticket: string, subprotocol: string): WebSocket {
    const query = new URLSearchParams({ ticket });
    return new WebSocket(this.platform.webSocketAddress(`${this.path}?${query}`), subprotocol);
  }

  /** @returns why there is no acceptance */
  private async showNotice(): Promise<Refusal | undefined> {
    const answer = await this.platform.call('GET', '/service/remoteaccess/settings');
    const settings = settingsOf(answer);
    if (!settings) return Refusal.of(answer.status, answer.body);
    const { notice, noticeId } = settings;
    this.noticeAccepted = noticeId ?? undefined;
    if (notice === null || (await this.reader.accepts(notice))) return undefined;
    this.noticeAccepted = undefined;
    return new Refusal(428, 'notice-not-accepted', {
      text: gettext('You did not accept the notice of your administrator.'),
    });
  }
}

function settingsOf({ status, body }: PlatformAnswer): ShownSettings | undefined {
  return status === 200 ? (body as ShownSettings) : undefined;
}
