import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type ClientMessage,
  type EndedMessage,
  type ErrorMessage,
  parseServerMessage,
  printable,
  type ServerMessage,
  SUBPROTOCOLS,
} from '@remote-access/contracts';
import { type FramedConnection, openWebSocket, UpgradeRefused } from '@remote-access/relay';
import { startHeartbeat, WebSocketDuplex } from '@remote-access/streams';
import { CliFailure } from '../failures/failure';
import { httpFailure, refusalOf } from '../failures/service-refusals';
import { agentFor, unreachable } from '../http/http-call';
import type { PlatformClient } from '../platform/platform-client';
import type { TicketClient } from './ticket-client';

/** `raw` for servers whose clients sign in themselves, because their protocol reports failures. */
export type Language = keyof typeof SUBPROTOCOLS;

const HANDSHAKE_TIMEOUT_MS = 30_000;

/** Longer answers are not error bodies. */
const MAX_REFUSAL_BYTES = 16 * 1024;

/** The service sends at most 64 KiB in one. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** The service takes no longer messages (docs/wire.md). */
const MAX_SENT_MESSAGE_BYTES = 64 * 1024;

/** Less than the minute after which proxies drop an idle connection. */
const PING_PERIOD_MS = 30_000;

/** How long before the end of the sign-in it is renewed. */
const RENEWAL_LEAD_MS = 60_000;

/** setTimeout takes no longer delays. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Close codes of the service's errors are 4000 and their HTTP status. */
const ERROR_CLOSE_CODES = 4000;

/** A connection to an endpoint. */
export interface Channel {
  readonly stream: Duplex;
  /** Why it failed; `undefined` if it ended normally or is still open. */
  readonly failure: CliFailure | undefined;
}

/** A session's WebSocket as a stream of bytes. */
export class Tunnel implements Channel {
  private failureMessage: ErrorMessage | undefined;
  private endedMessage: EndedMessage | undefined;
  private closeReason = '';
  private isOpen = false;
  private reportOpen: (() => void) | undefined;
  private renewalTimer: NodeJS.Timeout | undefined;
  readonly stream: WebSocketDuplex;

  private constructor(
    private readonly socket: FramedConnection,
    private readonly tickets: TicketClient,
    private readonly client: PlatformClient,
    private readonly onMessage: (message: ServerMessage) => void,
  ) {
    this.stream = new WebSocketDuplex(socket, {
      maxMessageBytes: MAX_SENT_MESSAGE_BYTES,
      ...(socket.protocol === SUBPROTOCOLS.v1 && { onText: text => this.receive(text) }),
    });
    // Errors are reported once the streams are joined; until then, only the end matters.
    this.stream.on('error', () => undefined);
    const stopHeartbeat = startHeartbeat(this.stream, {
      periodMs: PING_PERIOD_MS,
      maxUnanswered: 1,
      expectsPong: true,
      pings: 'always',
      onDead: () => socket.terminate(),
    });
    socket.once('close', (_code, reason: Buffer) => {
      this.closeReason = reason.toString('utf8');
      stopHeartbeat();
      clearTimeout(this.renewalTimer);
    });
    this.scheduleRenewal();
  }

  /**
   * Opens a session, until the gateway has connected to the endpoint where the language tells that.
   *
   * @param first is sent at once, before the gateway is there; must not be used again
   * @throws {CliFailure} with the reason of the service, the gateway or the server
   */
  static async open(
    client: PlatformClient,
    tickets: TicketClient,
    language: Language,
    first?: Buffer,
    onMessage: (message: ServerMessage) => void = () => undefined,
  ): Promise<Tunnel> {
    const ticket = await tickets.request();
    const tunnel = await openWebSocket(
      {
        url: `${client.url}${tickets.path}?ticket=${encodeURIComponent(ticket)}`,
        protocols: [SUBPROTOCOLS[language]],
        agent: agentFor(client.url),
        // Some tenants ask for it at their ingress, in addition to the ticket.
        headers: { authorization: client.account.authorization.reveal() },
        timeoutMs: HANDSHAKE_TIMEOUT_MS,
        maxMessageBytes: MAX_MESSAGE_BYTES,
        masksInPlace: true,
      },
      // Created at once, because bytes may arrive together with the answer to the upgrade.
      socket => new Tunnel(socket, tickets, client, onMessage),
    ).catch(async (cause: unknown) => {
      if (cause instanceof UpgradeRefused) throw await refusalIn(cause.answer);
      throw unreachable(client.url, cause);
    });
    if (first) tunnel.stream.write(first);
    if (language === 'v1') await tunnel.opened();
    return tunnel;
  }

  send(message: ClientMessage): void {
    if (this.isConnected) this.socket.send(JSON.stringify(message));
  }

  private get isConnected(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** The last message of a session that the service ended in order. */
  get ended(): EndedMessage | undefined {
    return this.endedMessage;
  }

  /** Why the session failed; `undefined` if it ended normally or is still open. */
  get failure(): CliFailure | undefined {
    if (this.failureMessage) {
      const { code, text } = this.failureMessage;
      return refusalOf(code, 502, printable(text, text.length));
    }
    const code = this.stream.closedWith ?? 1000;
    if (code >= ERROR_CLOSE_CODES) {
      const reason = printable(this.closeReason, this.closeReason.length);
      return httpFailure(code - ERROR_CLOSE_CODES, { message: reason }, 'The session ended');
    }
    if (code === 1001) {
      return new CliFailure('platform', 'The remote access service is restarting.', {
        isTransient: true,
      });
    }
    if (code === 1006) {
      return new CliFailure('unreachable', 'The connection to Cumulocity was lost.', {
        isTransient: true,
      });
    }
    return undefined;
  }

  private receive(text: string): void {
    const message = parseServerMessage(text);
    if (!message) return;
    if (message.type === 'error') this.failureMessage = message;
    if (message.type === 'ended') this.endedMessage = message;
    if (message.type === 'status' && message.step === 'open') {
      this.isOpen = true;
      this.reportOpen?.();
    }
    this.onMessage(message);
  }

  private async opened(): Promise<void> {
    if (this.isOpen) return;
    await new Promise<void>((resolve, reject) => {
      this.reportOpen = resolve;
      // Listeners of this event run in order: the reason has been kept by then.
      this.socket.once('close', () => {
        const lost = new CliFailure('unreachable', 'The session ended before it was open.');
        reject(this.failure ?? lost);
        this.stream.destroy();
      });
    });
  }

  /**
   * A session is reviewed with the sign-in it was opened with, and would end with it. A new ticket
   * carries the new sign-in over.
   */
  private scheduleRenewal(): void {
    const { account } = this.client;
    if (!account.expiresAt || !account.canRenew) return;
    const dueInMs = account.expiresAt.getTime() - Date.now() - RENEWAL_LEAD_MS;
    this.renewalTimer = setTimeout(
      () => {
        this.client
          .renew()
          .then(() => this.tickets.request())
          .then(ticket => this.send({ type: 'renew', ticket }))
          // The service ends the session when the sign-in has ended, and says so.
          .catch(() => undefined)
          .finally(() => this.isConnected && this.scheduleRenewal());
      },
      Math.min(Math.max(dueInMs, RENEWAL_LEAD_MS), MAX_TIMER_MS),
    );
    this.renewalTimer.unref();
  }
}

/** The refusal in an HTTP answer to an upgrade. */
async function refusalIn(answer: IncomingMessage): Promise<CliFailure> {
  const status = answer.statusCode ?? 502;
  let content = '';
  let body: unknown;
  try {
    for await (const chunk of answer.setEncoding('utf8')) {
      content += chunk as string;
      if (content.length > MAX_REFUSAL_BYTES) break;
    }
    body = JSON.parse(content);
  } catch {
    // A proxy's page; the status has to be enough.
  }
  return httpFailure(status, body, 'The connection is refused');
}
