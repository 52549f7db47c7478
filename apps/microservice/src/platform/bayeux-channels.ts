import { WebSocket } from 'ws';
import type { Log } from '../logging/log';

/** Without a subscription for this long the connection is closed; sessions come in bursts. */
const LINGER_MS = 30_000;

/** First pause before another try, doubled at each failure up to the longest. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** A connection that a router forgot shows by a ping without an answer. */
const PING_PERIOD_MS = 30_000;

/** The platform holds a connect for a while; one that it answers sooner must not become a loop. */
const SHORT_HOLD_MS = 100;
const PAUSE_AFTER_SHORT_HOLD_MS = 1_000;

/** Operations are small; nothing larger is of interest here. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** Where to connect and how to sign in there; asked for at each try. */
export interface BayeuxAccess {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface BayeuxMessage {
  readonly channel: string;
  readonly clientId?: string;
  readonly subscription?: string;
  readonly successful?: boolean;
  readonly error?: string;
}

/**
 * Tells when something happens on channels of the platform's real time, over one WebSocket that
 * exists while somebody listens (docs.cometd.org, "The Bayeux Protocol 1.0"). What happened is not
 * told: messages get lost between two connections, so listeners look for themselves. They are also
 * called when a subscription begins.
 */
export class BayeuxChannels {
  private readonly listeners = new Map<string, Set<() => void>>();
  private socket: WebSocket | undefined;
  private clientId: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private pause: NodeJS.Timeout | undefined;
  private pinging: NodeJS.Timeout | undefined;
  private retryMs: number;
  private lastMessageId = 0;
  private connectSentAtMs = 0;

  /** @param access `undefined` where there is nobody to sign in as, for now */
  constructor(
    private readonly access: () => BayeuxAccess | undefined,
    private readonly log: Log,
    private readonly firstRetryMs = FIRST_RETRY_MS,
  ) {
    this.retryMs = firstRetryMs;
  }

  /** @returns ends it */
  listen(channel: string, listener: () => void): () => void {
    const known = this.listeners.get(channel);
    if (known) known.add(listener);
    else {
      this.listeners.set(channel, new Set([listener]));
      if (this.clientId) this.send({ channel: '/meta/subscribe', subscription: channel });
    }
    if (this.listeners.size === 1 && !this.socket) this.after(0, () => this.connect());
    else if (this.socket) clearTimeout(this.timer);
    return () => this.leave(channel, listener);
  }

  close(): void {
    this.listeners.clear();
    clearTimeout(this.timer);
    this.socket?.terminate();
  }

  private leave(channel: string, listener: () => void): void {
    const those = this.listeners.get(channel);
    if (!those?.delete(listener) || those.size > 0) return;
    this.listeners.delete(channel);
    if (this.clientId) this.send({ channel: '/meta/unsubscribe', subscription: channel });
    if (this.listeners.size === 0) this.after(LINGER_MS, () => this.socket?.terminate());
  }

  private connect(): void {
    const access = this.access();
    if (!access) return this.retryLater();
    const socket = new WebSocket(access.url, {
      headers: access.headers,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      handshakeTimeout: 5_000,
    });
    this.socket = socket;
    socket.once('open', () => {
      const token = access.headers['authorization']?.replace(/^Basic /, '');
      this.send({
        channel: '/meta/handshake',
        version: '1.0',
        supportedConnectionTypes: ['websocket'],
        ext: { 'com.cumulocity.authn': { token } },
      });
      this.keepAlive(socket);
    });
    socket.on('message', data => this.receive((data as Buffer).toString('utf8')));
    // Every failure ends in `close`; the text here is the only place that says why.
    socket.on('error', cause => this.log.debug('Real time broke', { cause }));
    socket.once('close', () => this.closed());
  }

  private keepAlive(socket: WebSocket): void {
    let answered = true;
    socket.on('pong', () => (answered = true));
    this.pinging = setInterval(() => {
      if (!answered) return socket.terminate();
      answered = false;
      socket.ping();
    }, PING_PERIOD_MS);
  }

  private closed(): void {
    clearInterval(this.pinging);
    clearTimeout(this.pause);
    this.socket = undefined;
    this.clientId = undefined;
    if (this.listeners.size > 0) this.retryLater();
  }

  private retryLater(): void {
    this.after(this.retryMs, () => this.connect());
    this.retryMs = Math.min(2 * this.retryMs, LONGEST_RETRY_MS);
  }

  /** One timer: to connect, to connect again, or to close what nobody needs. */
  private after(delayMs: number, action: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const needed = this.listeners.size > 0;
      if (needed !== (this.socket !== undefined)) action();
    }, delayMs);
  }

  private receive(text: string): void {
    const messages = parsed(text);
    if (!messages) return this.socket?.terminate();
    for (const message of messages) this.handle(message);
  }

  private handle({ channel, clientId, subscription, successful, error }: BayeuxMessage): void {
    if (channel.startsWith('/meta/') && successful !== true) {
      this.log.warn('Real time was refused', { channel, subscription, error });
      // Without one of its channels a connection still serves the others.
      if (channel !== '/meta/subscribe') this.socket?.terminate();
      return;
    }
    switch (channel) {
      case '/meta/handshake':
        this.clientId = clientId;
        this.retryMs = this.firstRetryMs;
        for (const wanted of this.listeners.keys()) {
          this.send({ channel: '/meta/subscribe', subscription: wanted });
        }
        return this.sendConnect();
      case '/meta/connect':
        return this.connectAgain();
      case '/meta/subscribe':
        return this.tell(subscription ?? '');
      default:
        return this.tell(channel);
    }
  }

  private sendConnect(): void {
    this.connectSentAtMs = performance.now();
    this.send({ channel: '/meta/connect', connectionType: 'websocket' });
  }

  private connectAgain(): void {
    const heldMs = performance.now() - this.connectSentAtMs;
    if (heldMs >= SHORT_HOLD_MS) return this.sendConnect();
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.sendConnect(), PAUSE_AFTER_SHORT_HOLD_MS);
  }

  private tell(channel: string): void {
    for (const listener of [...(this.listeners.get(channel) ?? [])]) listener();
  }

  private send(message: object): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.lastMessageId += 1;
    const { clientId } = this;
    const whole = { ...message, id: String(this.lastMessageId), ...(clientId ? { clientId } : {}) };
    this.socket.send(JSON.stringify([whole]));
  }
}

function parsed(text: string): BayeuxMessage[] | undefined {
  try {
    const messages: unknown = JSON.parse(text);
    const whole = Array.isArray(messages) && messages.every(isMessage);
    return whole ? messages : undefined;
  } catch {
    // Whoever sends this speaks another language; the caller hangs up.
    return undefined;
  }
}

function isMessage(value: unknown): value is BayeuxMessage {
  return typeof (value as { channel?: unknown } | null)?.channel === 'string';
}
