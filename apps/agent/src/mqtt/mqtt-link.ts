import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { BackOff, withDeadline } from '@remote-access/streams';
import type { MqttClient } from 'mqtt';
import type { Log } from '../log/log';
import { connectionProblem, type NetworkRoute } from '@remote-access/network';

type MqttModule = typeof import('mqtt');
type PacketModule = typeof import('mqtt-packet');

const FIRST_RETRY_MS = 500;

/** Short, because users wait 30 s for an operation. */
const MAX_RETRY_MS = 8_000;

/** After a connection that lasted this long, the next failure starts with the first delay again. */
const STABLE_MS = 10_000;

/** For the broker's answer to a connect, a subscription or a message. */
const ANSWER_TIMEOUT_MS = 15_000;

const NO_ANSWER = 'the MQTT broker did not answer';

/** Less than the 60 s after which routers drop idle connections. */
const KEEP_ALIVE_SECONDS = 45;

/** How long a message waits for a connection before it fails. */
const PUBLISH_TIMEOUT_MS = 60_000;

export interface MqttLinkOptions {
  /** `mqtts://host:port` or `mqtt://host:port`. */
  readonly url: string;
  readonly clientId: string;
  /** If absent, the device's certificate identifies it. */
  readonly credentials?: { readonly user: string; readonly password: string };
  readonly route: NetworkRoute;
  readonly log: Log;
  /** How long the broker may take to answer a connect. */
  readonly connectTimeoutMs?: number;
}

/** Called for each message from the platform. */
export type OnMessage = (topic: string, payload: string) => void;

/** One connection to the broker. */
export interface MqttConnection {
  /** @throws if the broker refuses the topic */
  subscribe(topic: string): Promise<void>;
  /** Resolves when the broker has acknowledged the message. */
  publish(topic: string, payload: string): Promise<void>;
}

/** The broker refused the credentials or the identifier. */
export class MqttRefusal extends Error {
  override readonly name = 'MqttRefusal';
}

class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';

  constructor() {
    super('the MQTT connection was lost');
  }
}

/**
 * The link to the platform's MQTT broker. It reconnects by itself, at most 8 s after a failure.
 * Messages are acknowledged, and sent again on the next connection if the acknowledgement was lost.
 */
export class MqttLink {
  private readonly closing = new AbortController();
  private readonly backOff = new BackOff(FIRST_RETRY_MS);
  private client: MqttClient | undefined;
  private waiters: (() => void)[] = [];
  private loop: Promise<void> = Promise.resolve();

  /** @param onConnected runs on each new connection before anything else may publish */
  constructor(
    private readonly options: MqttLinkOptions,
    private readonly onMessage: OnMessage,
    private readonly onConnected: (connection: MqttConnection) => Promise<void>,
  ) {}

  /** Connects, and keeps reconnecting. */
  open(): void {
    this.loop = this.run();
  }

  /** Sends a message, now or when the link is up again. */
  async publish(topic: string, payload: string): Promise<void> {
    const giveUpMs = performance.now() + PUBLISH_TIMEOUT_MS;
    for (;;) {
      const { client } = this;
      if (client?.connected) {
        try {
          return await publishOn(client, topic, payload);
        } catch (cause) {
          if (!(cause instanceof ConnectionLost)) throw cause;
        }
      }
      if (this.closing.signal.aborted) throw new Error('the agent is stopping');
      const leftMs = giveUpMs - performance.now();
      if (leftMs <= 0) throw new Error('the MQTT broker cannot be reached');
      await this.nextConnection(leftMs);
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.wake();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      const startedMs = performance.now();
      let reason = new ConnectionLost().message;
      try {
        await this.connectOnce();
      } catch (cause) {
        reason = connectionProblem('the MQTT broker', cause);
      }
      if (signal.aborted) return;
      if (performance.now() - startedMs > STABLE_MS) this.backOff.reset();
      const waitMs = Math.round(Math.min(this.backOff.next(), MAX_RETRY_MS));
      this.options.log('not listening', { reason, nextTryInMs: waitMs });
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves when a connection that was open has ended. */
  private async connectOnce(): Promise<void> {
    const { signal } = this.closing;
    const client = await openClient(this.options, this.onMessage);
    const ended = new Promise<void>(resolve => client.once('close', () => resolve()));
    const end = (): void => void client.end(false);
    signal.addEventListener('abort', end, { once: true });
    try {
      if (signal.aborted) return;
      await this.onConnected({
        subscribe: topic => subscribeOn(client, topic),
        publish: (topic, payload) => publishOn(client, topic, payload),
      });
      this.client = client;
      this.wake();
      await ended;
    } finally {
      this.client = undefined;
      signal.removeEventListener('abort', end);
      client.end(true);
    }
  }

  private nextConnection(timeoutMs: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, timeoutMs);
      this.waiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private wake(): void {
    for (const waiter of this.waiters.splice(0)) waiter();
  }
}

/**
 * Loads the library with the first connection: an agent that uses REST does without its 8 MiB. Its table of all 65,536
 * possible lengths and identifiers, which takes another 7 MiB, is switched off: a gateway sends a few messages an hour.
 */
function loadMqtt(): MqttModule {
  const load = createRequire(__filename);
  (load('mqtt-packet') as PacketModule).writeToStream.cacheNumbers = false;
  return load('mqtt') as MqttModule;
}

/** Connects once, without reconnecting. */
export async function openClient(
  { url, clientId, credentials, route, connectTimeoutMs = ANSWER_TIMEOUT_MS }: MqttLinkOptions,
  onMessage: OnMessage,
): Promise<MqttClient> {
  const { hostname, port, protocol } = new URL(url);
  const tls = protocol === 'mqtts:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const destination = { host, port: Number(port || (tls ? 8883 : 1883)), tls };
  const socket = await route.connect(destination, credentials === undefined);
  const { MqttClient: Client } = loadMqtt();
  const client = new Client(() => socket, {
    clientId,
    ...(credentials && { username: credentials.user, password: credentials.password }),
    clean: true,
    keepalive: KEEP_ALIVE_SECONDS,
    reconnectPeriod: 0,
    connectTimeout: connectTimeoutMs,
    protocolVersion: 4,
    queueQoSZero: false,
  });
  client.setMaxListeners(0);
  client.on('message', (topic, payload) => onMessage(topic, payload.toString('utf8')));
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    client.on('error', cause => {
      failure ??= refusalIn(cause);
      client.end(true);
    });
    client.once('close', () =>
      reject(failure ?? new Error('the MQTT broker closed the connection')),
    );
    client.once('connect', () => resolve(client));
  });
}

/** Describes the return codes of MQTT 3.1.1, section 3.2.2.3, and what the library calls a timeout. */
function refusalIn(cause: Error & { code?: unknown }): Error {
  switch (cause.code) {
    case 2:
      return new MqttRefusal('the MQTT broker does not accept the external id of the device');
    case 4:
      return new MqttRefusal('the MQTT broker refused the user name and password');
    case 5:
      return new MqttRefusal(
        'the MQTT broker refused the device: its user does not own the device with this external ' +
          'id, or its certificate is not trusted, has expired, or is for another name',
      );
    default:
      return cause.message === 'connack timeout' ? new Error(NO_ANSWER) : cause;
  }
}

async function subscribeOn(client: MqttClient, topic: string): Promise<void> {
  await untilLost(client, () => client.subscribeAsync(topic, { qos: 1 }));
}

async function publishOn(client: MqttClient, topic: string, payload: string): Promise<void> {
  await untilLost(client, () => client.publishAsync(topic, payload, { qos: 1 }));
}

/** @throws ConnectionLost if the connection ends before the broker answers */
async function untilLost(client: MqttClient, send: () => Promise<unknown>): Promise<void> {
  if (!client.connected) throw new ConnectionLost();
  let onClose: (() => void) | undefined;
  const lost = new Promise<never>((_resolve, reject) => {
    onClose = () => reject(new ConnectionLost());
    client.once('close', onClose);
  });
  const answered = send();
  answered.catch(() => undefined);
  try {
    const noAnswer = (): Error => new Error(NO_ANSWER);
    await withDeadline(Promise.race([answered, lost]), ANSWER_TIMEOUT_MS, noAnswer);
  } finally {
    client.off('close', onClose!);
  }
}
