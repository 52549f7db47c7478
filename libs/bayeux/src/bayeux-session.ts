import { setTimeout as delay } from 'node:timers/promises';

/** How long the server is assumed to hold a connect if it does not say. */
const DEFAULT_HOLD_MS = 30_000;

/** A server may advise an hour or more, which is too long to wait on a dead connection. */
const MAX_HOLD_MS = 10 * 60_000;

/** The maximum pause between two connects that a server may advise. */
const MAX_PAUSE_MS = 30_000;

/** Over a WebSocket, a connect that is answered sooner must not turn into a busy loop. */
const SHORT_HOLD_MS = 100;
const PAUSE_AFTER_SHORT_HOLD_MS = 1_000;

/** The fields of a message that this client reads or writes. */
export interface BayeuxMessage {
  readonly channel: string;
  readonly id?: string;
  readonly clientId?: string;
  readonly subscription?: string;
  readonly successful?: boolean;
  /** `code:arguments:text` */
  readonly error?: string;
  readonly advice?: { readonly timeout?: number; readonly interval?: number };
  readonly data?: unknown;
}

/** The server refused a message, or does not speak Bayeux. */
export class BayeuxError extends Error {
  override readonly name = 'BayeuxError';

  constructor(
    text: string,
    /** The server's response, if there was one. */
    readonly answer?: BayeuxMessage,
  ) {
    super(text);
  }
}

/** Carries messages to a server and returns its responses. */
export interface BayeuxTransport {
  readonly connectionType: 'long-polling' | 'websocket';
  /** Aborted when messages can no longer be sent. */
  readonly signal: AbortSignal;
  /**
   * Sends a message. Messages on subscribed channels do not arrive here: the owner of the transport
   * receives them.
   *
   * @param holdMs how long the server may deliberately delay the response
   * @returns the response, successful or not
   */
  send(message: BayeuxMessage, holdMs?: number): Promise<BayeuxMessage>;
}

/**
 * The client's side of a Bayeux session (docs.cometd.org, "The Bayeux Protocol 1.0"). Its methods
 * throw a BayeuxError if the server refuses, and the transport's error if the connection fails.
 */
export class BayeuxSession {
  private clientId: string | undefined;
  private lastMessageId = 0;
  private holdMs = DEFAULT_HOLD_MS;
  private advisedPauseMs = 0;
  private shortHoldPauseMs = 0;

  constructor(private readonly transport: BayeuxTransport) {}

  /** @param ext extensions, such as credentials */
  async handshake(ext?: object): Promise<void> {
    const answer = await this.send('/meta/handshake', {
      version: '1.0',
      minimumVersion: '1.0',
      supportedConnectionTypes: [this.transport.connectionType],
      ...(ext && { ext }),
    });
    this.clientId = answer.clientId;
  }

  async subscribe(channel: string): Promise<void> {
    await this.send('/meta/subscribe', { subscription: channel });
  }

  async unsubscribe(channel: string): Promise<void> {
    await this.send('/meta/unsubscribe', { subscription: channel });
  }

  /** Waits until the server has messages or ends the wait. Call it repeatedly. */
  async connect(): Promise<void> {
    const pauseMs = Math.max(this.advisedPauseMs, this.shortHoldPauseMs);
    if (pauseMs > 0) await delay(pauseMs, undefined, { signal: this.transport.signal });
    const { connectionType } = this.transport;
    const sentAtMs = performance.now();
    await this.send('/meta/connect', { connectionType }, this.holdMs);
    const isShort = performance.now() - sentAtMs < SHORT_HOLD_MS;
    // In long polling, a connect ends early when there is a message for this client.
    this.shortHoldPauseMs =
      isShort && connectionType === 'websocket' ? PAUSE_AFTER_SHORT_HOLD_MS : 0;
  }

  /** Ends the session on the server, if there is one. */
  async disconnect(): Promise<void> {
    if (this.clientId !== undefined) await this.send('/meta/disconnect', {});
  }

  private async send(channel: string, fields: object, holdMs?: number): Promise<BayeuxMessage> {
    this.lastMessageId += 1;
    const { clientId } = this;
    const message = {
      channel,
      id: String(this.lastMessageId),
      ...(clientId !== undefined && { clientId }),
      ...fields,
    };
    const answer = await this.transport.send(message, holdMs);
    if (answer.successful !== true) {
      throw new BayeuxError(`${channel} failed: ${answer.error ?? 'no reason given'}`, answer);
    }
    const { timeout, interval } = answer.advice ?? {};
    if (typeof timeout === 'number' && timeout > 0) this.holdMs = Math.min(timeout, MAX_HOLD_MS);
    if (typeof interval === 'number') this.advisedPauseMs = Math.min(interval, MAX_PAUSE_MS);
    return answer;
  }
}
