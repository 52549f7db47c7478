import { BackOff } from '@remote-access/streams';
import { BayeuxSession } from './bayeux-session';
import { WebSocketTransport, type WebSocketAddress } from './web-socket-transport';

/** Sessions come in bursts, so an unused connection stays open for a while. */
const LINGER_MS = 30_000;

const FIRST_RETRY_MS = 1_000;

/** Where to connect and how to sign in. */
export interface BayeuxAccess extends WebSocketAddress {
  /** Extensions of the handshake, for servers that expect credentials in them. */
  readonly ext?: object;
}

export interface BayeuxChannelsOptions {
  /** Called for every attempt to connect; `undefined` if there are no credentials at present. */
  readonly access: () => BayeuxAccess | undefined;
  /**
   * Called with a BayeuxError if the server refuses a message, otherwise with the cause of the
   * failure.
   */
  readonly onProblem: (cause: unknown) => void;
  readonly firstRetryMs?: number;
}

/**
 * Reports that something happened on a channel, over one WebSocket that exists while there are
 * listeners. Listeners are not told what happened, because messages can get lost between two
 * connections: they query the current state. For the same reason they are called when a
 * subscription begins.
 */
export class BayeuxChannels {
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly backOff: BackOff;
  private transport: WebSocketTransport | undefined;
  /** Defined once the handshake has succeeded. */
  private session: BayeuxSession | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: BayeuxChannelsOptions) {
    this.backOff = new BackOff(options.firstRetryMs ?? FIRST_RETRY_MS);
  }

  /** @returns a function that removes the listener */
  listen(channel: string, listener: () => void): () => void {
    const known = this.listeners.get(channel);
    if (known) known.add(listener);
    else {
      this.listeners.set(channel, new Set([listener]));
      if (this.session) void this.subscribe(this.session, channel);
    }
    if (this.transport) clearTimeout(this.timer);
    else if (this.listeners.size === 1) this.after(0, () => void this.connect());
    return () => this.remove(channel, listener);
  }

  close(): void {
    this.listeners.clear();
    clearTimeout(this.timer);
    this.transport?.close();
  }

  private remove(channel: string, listener: () => void): void {
    const remaining = this.listeners.get(channel);
    if (!remaining?.delete(listener) || remaining.size > 0) return;
    this.listeners.delete(channel);
    const { transport } = this;
    this.session?.unsubscribe(channel).catch((cause: unknown) => transport?.close(cause));
    if (this.listeners.size === 0) this.after(LINGER_MS, () => this.transport?.close());
  }

  /** Runs one connection until it ends. */
  private async connect(): Promise<void> {
    const access = this.options.access();
    if (!access) return this.retryLater();
    const transport = new WebSocketTransport(access, ({ channel }) => this.notify(channel));
    this.transport = transport;
    try {
      await transport.open();
      const session = new BayeuxSession(transport);
      await session.handshake(access.ext);
      this.session = session;
      this.backOff.reset();
      for (const channel of this.listeners.keys()) void this.subscribe(session, channel);
      for (;;) await session.connect();
    } catch (cause) {
      if (this.listeners.size > 0) this.options.onProblem(cause);
    }
    transport.close();
    this.transport = undefined;
    this.session = undefined;
    if (this.listeners.size > 0) this.retryLater();
  }

  /** A refused channel does not affect the others on the connection. */
  private async subscribe(session: BayeuxSession, channel: string): Promise<void> {
    try {
      await session.subscribe(channel);
      this.notify(channel);
    } catch (cause) {
      // If the connection broke, `connect` reports it.
      if (this.session === session && !this.transport?.signal.aborted) {
        this.options.onProblem(cause);
      }
    }
  }

  private notify(channel: string): void {
    for (const listener of [...(this.listeners.get(channel) ?? [])]) listener();
  }

  private retryLater(): void {
    this.after(this.backOff.next(), () => void this.connect());
  }

  /** One timer: to connect while there are listeners, or to close when there are none. */
  private after(delayMs: number, action: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const isNeeded = this.listeners.size > 0;
      if (isNeeded !== (this.transport !== undefined)) action();
    }, delayMs);
  }
}
