import { addAbortListener } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type ClientMessage,
  type ErrorMessage,
  parseServerMessage,
  printable,
  SUBPROTOCOLS,
} from '@remote-access/contracts';
import { type FramedConnection, openWebSocket, UpgradeRefused } from '@remote-access/relay';
import { MAX_DELAY_MS, startHeartbeat, WebSocketDuplex } from '@remote-access/streams';
import { CliFailure } from '../failures/failure';
import { httpFailure, refusalOf } from '../failures/service-refusals';
import { agentFor, unreachable } from '../http/http-call';
import type { PlatformClient } from '../platform/platform-client';
import type { TicketClient } from './ticket-client';

/**
 * `raw` is for servers whose clients sign in themselves, because their protocol reports failures.
 */
export type Language = keyof typeof SUBPROTOCOLS;

const HANDSHAKE_TIMEOUT_MS = 30_000;

/** Longer responses are not error bodies. */
const MAX_REFUSAL_BYTES = 16 * 1024;

/** The service sends at most 64 KiB per message. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** The service accepts no longer messages (docs/wire.md). */
const MAX_SENT_MESSAGE_BYTES = 64 * 1024;

/** Less than the minute after which proxies drop an idle connection. */
const PING_PERIOD_MS = 30_000;

/** How long before its expiry the sign-in is renewed. */
const RENEWAL_LEAD_MS = 60_000;

/** Close codes of the service's errors are this plus their HTTP status. */
const ERROR_CLOSE_CODES = 4000;

export interface TunnelOptions {
  /**
   * Bytes to send at once, before the gateway has connected; the buffer must not be reused.
   */
  readonly first?: Buffer;
  /** Gives up opening it; has no effect once it is open. */
  readonly signal: AbortSignal;
}

/** A connection to an endpoint. */
export interface Channel {
  readonly stream: Duplex;
  /** Why it failed; `undefined` if it ended normally or is still open. */
  readonly failure: CliFailure | undefined;
}

/** A session's WebSocket as a byte stream. */
export class Tunnel implements Channel {
  private failureMessage: ErrorMessage | undefined;
  private closeReason = '';
  private isOpen = false;
  private reportOpen: (() => void) | undefined;
  private renewalTimer: NodeJS.Timeout | undefined;
  readonly stream: WebSocketDuplex;

  private constructor(
    private readonly socket: FramedConnection,
    private readonly tickets: TicketClient,
    private readonly client: PlatformClient,
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
   * Opens a session. Where the subprotocol reports it, waits until the gateway has connected to the
   * endpoint.
   *
   * @throws {CliFailure} with the reason given by the service, the gateway or the server
   */
  static async open(
    client: PlatformClient,
    tickets: TicketClient,
    language: Language,
    { first, signal }: TunnelOptions,
  ): Promise<Tunnel> {
    const ticket = await tickets.request(signal);
    const tunnel = await openWebSocket(
      {
        url: `${client.url}${tickets.path}?ticket=${encodeURIComponent(ticket)}`,
        protocols: [SUBPROTOCOLS[language]],
        agent: agentFor(client.url),
        // The ingress of some tenants demands credentials in addition to the ticket.
        headers: { authorization: client.account.authorization.reveal() },
        timeoutMs: HANDSHAKE_TIMEOUT_MS,
        maxMessageBytes: MAX_MESSAGE_BYTES,
        masksInPlace: true,
        signal,
      },
      // Created synchronously, because bytes may arrive together with the response to the upgrade.
      socket => new Tunnel(socket, tickets, client),
    ).catch(async (cause: unknown) => {
      if (cause instanceof UpgradeRefused) throw await refusalIn(cause.answer);
      throw unreachable(client.url, cause);
    });
    if (first) tunnel.stream.write(first);
    if (language === 'v1') await tunnel.opened(signal);
    return tunnel;
  }

  send(message: ClientMessage): void {
    if (this.isConnected) this.socket.send(JSON.stringify(message));
  }

  private get isConnected(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Why the session failed; `undefined` if it ended normally or is still open. */
  get failure(): CliFailure | undefined {
    if (this.failureMessage) {
      const { code, text } = this.failureMessage;
      return refusalOf(code, undefined, printable(text, text.length));
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
    if (message.type === 'status' && message.step === 'open') {
      this.isOpen = true;
      this.reportOpen?.();
    }
  }

  private async opened(signal: AbortSignal): Promise<void> {
    if (this.isOpen) return;
    const abandon = addAbortListener(signal, () => this.stream.destroy());
    await new Promise<void>((resolve, reject) => {
      this.reportOpen = resolve;
      // Listeners of this event run in order: the reason has been stored by then.
      this.socket.once('close', () => {
        const lost = new CliFailure('unreachable', 'The session ended before it was open.');
        reject(this.failure ?? lost);
        this.stream.destroy();
      });
    }).finally(() => abandon[Symbol.dispose]());
  }

  /**
   * A session is reviewed with the sign-in that opened it, and would end when that expires. A new
   * ticket brings the new sign-in to the session.
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
          // If this fails, the service ends the session when the sign-in expires, and says so.
          .catch(() => undefined)
          .finally(() => this.isConnected && this.scheduleRenewal());
      },
      Math.min(Math.max(dueInMs, RENEWAL_LEAD_MS), MAX_DELAY_MS),
    );
    this.renewalTimer.unref();
  }
}

/** The refusal in an HTTP response to an upgrade. */
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
    // A proxy's page; only the status is used.
  }
  return httpFailure(status, body, 'The connection was refused');
}
