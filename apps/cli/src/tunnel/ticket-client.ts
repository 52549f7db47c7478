import {
  printable,
  type ShownSettings,
  type Ticket,
  type TicketBody,
} from '@remote-access/contracts';
import { CliFailure } from '../failures/failure';
import type { Questions } from '../output/questions';
import { type PlatformClient, SERVICE } from '../platform/platform-client';

/** How often the notice is shown again if it changes while the user reads it. */
const MAX_NOTICES = 3;

/** A notice has at most 2000 characters. */
const MAX_NOTICE_CHARACTERS = 4_000;

/** The administrator's notice, which must be accepted before the first session of a run. */
export class Notice {
  acceptedId: string | undefined;

  /** @param isAccepted set by --accept-notice; accepts any text */
  constructor(
    private readonly questions: Questions,
    private readonly isAccepted: boolean,
  ) {}

  async accept({ notice, noticeId }: ShownSettings): Promise<void> {
    if (notice === null || noticeId === null) return;
    if (!this.isAccepted) await this.ask(notice);
    this.acceptedId = noticeId;
  }

  private async ask(notice: string): Promise<void> {
    const text = notice
      .split('\n')
      .map(line => printable(line, MAX_NOTICE_CHARACTERS))
      .join('\n');
    if (!this.questions.canAsk) {
      throw new CliFailure(
        'forbidden',
        `Your administrator's notice has to be accepted:\n${text}`,
        {
          hint: 'Add --accept-notice if you accept it.',
          code: 'notice-not-accepted',
        },
      );
    }
    if (await this.questions.confirm(`${text}\n\nDo you accept this notice?`)) return;
    throw new CliFailure('forbidden', "You did not accept your administrator's notice.");
  }
}

/** Requests the tickets that open an endpoint's WebSocket. */
export class TicketClient {
  readonly path: string;

  constructor(
    private readonly client: PlatformClient,
    private readonly notice: Notice,
    deviceId: string,
    endpointId: string,
  ) {
    this.path =
      `${SERVICE}/client/${encodeURIComponent(deviceId)}` +
      `/configurations/${encodeURIComponent(endpointId)}`;
  }

  /** @throws {CliFailure} with the reason why the user may not connect */
  async request(signal?: AbortSignal): Promise<string> {
    for (let shown = 0; ; shown += 1) {
      const { acceptedId } = this.notice;
      const json: TicketBody = acceptedId === undefined ? {} : { noticeAccepted: acceptedId };
      try {
        const path = `${this.path}/tickets`;
        const what = 'The connection was refused';
        const options = { json, ...(signal && { signal }) };
        return (await this.client.json<Ticket>('POST', path, what, options)).ticket;
      } catch (cause) {
        const isNotice = cause instanceof CliFailure && cause.code === 'notice-not-accepted';
        if (!isNotice || shown === MAX_NOTICES) throw cause;
        await this.notice.accept(
          await this.client.json('GET', `${SERVICE}/settings`, 'The notice cannot be read'),
        );
      }
    }
  }
}
