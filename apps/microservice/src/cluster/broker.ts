import { readFileSync } from 'node:fs';
import {
  connect,
  credsAuthenticator,
  type Msg,
  type NatsConnection,
  NoRespondersError,
  RequestError,
  type NodeConnectionOptions,
  TimeoutError,
} from '@nats-io/transport-node';
import { withDeadline } from '@remote-access/streams';
import type { Log } from '../logging/log';
import type { BrokerSettings } from '../settings/cluster-settings';
import type { ClusterKeys } from './cluster-keys';

/** A broker that answers neither of two pings is considered gone. */
const PING_PERIOD_MS = 2_000;
const MAX_UNANSWERED_PINGS = 2;

const RECONNECT_PAUSE_MS = 500;

/** Needed because a server that requires a client certificate and gets none does not respond. */
const CONNECT_TIMEOUT_MS = 5_000;

/** The owner of something answers within milliseconds; after this time it is asked directly. */
const REQUEST_TIMEOUT_MS = 500;

/**
 * How long a confirmation of what was sent is awaited; usually it takes a millisecond. A broker that
 * takes longer hangs. Then it answers other replicas no faster, and they ask this one directly.
 */
const CONFIRMED_WITHIN_MS = 250;

/** The prefix of all subjects, so that a broker can serve other applications as well. */
const PREFIX = 'cloud-remote-access';

/** The result of a request that nobody answers. */
export const NOBODY = Symbol('nobody');

/**
 * The result of a request that somebody has received who does not belong to this service, such as a
 * monitoring tool that subscribes to all subjects: then the broker does not report that nobody
 * answers.
 */
export const UNANSWERED = Symbol('unanswered');

/**
 * The connection to the NATS server: sealed messages to all replicas, and requests to the one that
 * holds something. It is established and maintained in the background; the service works without
 * it.
 */
export class Broker {
  private connection: NatsConnection | undefined;
  private isStopped = false;
  /** Subscriptions to make once connected; after that the client restores them itself. */
  private waiting: (() => void)[] = [];
  private up = false;
  /** The reason for the last failure, so that each reason is logged once. */
  private lastFailure: string | undefined;
  private lost: () => void = () => undefined;

  constructor(
    private readonly settings: BrokerSettings,
    private readonly keys: ClusterKeys,
    private readonly log: Log,
  ) {}

  /** Whether the broker was connected when last heard of. */
  get isConnected(): boolean {
    return this.up;
  }

  start(): void {
    void this.connect();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.connection?.close();
  }

  /** Resolves when the broker has received everything sent so far, or does not answer. */
  async flush(): Promise<void> {
    const { connection } = this;
    if (!connection || !this.up) return;
    const confirmed = connection.flush();
    await withDeadline(confirmed, CONFIRMED_WITHIN_MS, () => new Error('It hangs')).catch(
      () => undefined,
    );
  }

  /** @param listener called when the connection is lost, and with it all subscriptions */
  onLost(listener: () => void): void {
    this.lost = listener;
  }

  publish(topic: string, message: unknown): void {
    const subject = subjectOf(topic);
    if (!this.up) return;
    this.connection?.publish(subject, this.keys.seal(subject, message));
  }

  /** @returns a function that unsubscribes */
  subscribe(topic: string, listener: (message: unknown) => void): () => void {
    return this.listen(topic, (message, _reply) => listener(message));
  }

  /** Answers requests. @returns a function that stops answering */
  serve(topic: string, answer: () => unknown): () => void {
    return this.listen(topic, (_message, reply) => reply(answer()));
  }

  /** @returns the answer, {@link NOBODY} or {@link UNANSWERED}; rejects without the broker */
  async request(topic: string, message: unknown): Promise<unknown> {
    const { connection } = this;
    if (!connection || !this.up) throw new Error('The broker is not connected');
    const subject = subjectOf(topic);
    try {
      const sealed = this.keys.seal(subject, message);
      const { data } = await connection.request(subject, sealed, { timeout: REQUEST_TIMEOUT_MS });
      return this.keys.open(subject, data) ?? UNANSWERED;
    } catch (cause) {
      const isUnknown =
        cause instanceof NoRespondersError ||
        (cause instanceof RequestError && cause.isNoResponders());
      if (isUnknown) return NOBODY;
      if (cause instanceof TimeoutError) return UNANSWERED;
      throw cause;
    }
  }

  private listen(
    topic: string,
    handle: (message: unknown, reply: (answer: unknown) => void) => void,
  ): () => void {
    const subject = subjectOf(topic);
    let isEnded = false;
    let end = (): void => {
      isEnded = true;
    };
    const callback = (error: Error | null, received: Msg): void => {
      if (error) return;
      const message = this.keys.open(subject, received.data);
      if (message === undefined) return;
      try {
        handle(message, answer => received.respond(this.keys.seal(subject, answer)));
      } catch (cause) {
        // The client would close the connection.
        this.log.error('A message of another replica could not be handled', { topic, cause });
      }
    };
    const begin = (): void => {
      if (isEnded) return;
      const subscription = this.connection!.subscribe(subject, { callback });
      end = () => {
        if (!this.isStopped) subscription.unsubscribe();
      };
    };
    if (this.connection) begin();
    else this.waiting.push(begin);
    return () => end();
  }

  private async connect(): Promise<void> {
    try {
      const connection = await connect(connectionOptions(this.settings));
      if (this.isStopped) {
        await connection.close();
        return;
      }
      this.connection = connection;
      this.up = true;
      this.lastFailure = undefined;
      this.log.info('The broker is connected', { server: connection.getServer() });
      for (const begin of this.waiting.splice(0)) begin();
      for await (const event of connection.status()) {
        const { type } = event;
        if (type === 'disconnect' || type === 'staleConnection') this.setUp(false);
        else if (type === 'reconnect') this.setUp(true);
        else if (type === 'error') this.failed(event.error);
      }
    } catch (cause) {
      this.up = false;
      if (this.isStopped) return;
      this.failed(cause);
      setTimeout(() => this.isStopped || void this.connect(), RECONNECT_PAUSE_MS).unref();
    }
  }

  private failed(cause: unknown): void {
    const failure = String(cause);
    if (this.lastFailure === failure) return;
    this.lastFailure = failure;
    this.log.error('The broker cannot be used', { cause });
  }

  private setUp(up: boolean): void {
    if (this.up === up || this.isStopped) return;
    this.up = up;
    if (up) this.lastFailure = undefined;
    if (up) this.log.info('The broker is connected again');
    else {
      this.log.warn('The broker is not connected');
      this.lost();
    }
  }
}

function subjectOf(topic: string): string {
  return `${PREFIX}.${topic}`;
}

function connectionOptions(settings: BrokerSettings): NodeConnectionOptions {
  const { servers, user, password, token, credentialsFile, caFile, certFile, keyFile } = settings;
  const tls = {
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && { certFile }),
    ...(keyFile !== undefined && { keyFile }),
  };
  return {
    servers: [...servers],
    name: 'Cloud Remote Access',
    ...(user !== undefined && { user, pass: password?.reveal() ?? '' }),
    ...(token && { token: token.reveal() }),
    ...(credentialsFile !== undefined && {
      authenticator: credsAuthenticator(readFileSync(credentialsFile)),
    }),
    ...((settings.isEncrypted || Object.keys(tls).length > 0) && { tls }),
    timeout: CONNECT_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_PAUSE_MS,
    reconnectJitter: RECONNECT_PAUSE_MS,
    pingInterval: PING_PERIOD_MS,
    maxPingOut: MAX_UNANSWERED_PINGS,
    ignoreAuthErrorAbort: true,
  };
}
