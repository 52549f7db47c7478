import { setTimeout as delay } from 'node:timers/promises';
import type { PlatformClient } from './platform-client';

/** Where devices hear of their operations. */
const PATH = '/notification/operations';

/** Used where the platform does not say how long it holds a poll. */
const USUAL_HOLD_MS = 30_000;

/** The platform may say an hour and more; a connection that is dead that long is of no use. */
const MAX_HOLD_MS = 10 * 60_000;

/** The platform may ask for a pause between polls, within reason. */
const MAX_PAUSE_MS = 30_000;

/** What an answer may need on top of the hold. */
const NETWORK_DELAY_MS = 10_000;

/** What Bayeux says on a channel, as far as this client reads it. */
interface BayeuxAnswer {
  channel: string;
  successful?: boolean;
  clientId?: string;
  error?: string;
  advice?: { timeout?: number; interval?: number };
  data?: unknown;
}

/** The platform ended the subscription; a new one has to be made. */
export class SubscriptionLost extends Error {
  override readonly name = 'SubscriptionLost';
}

/** One subscription by Bayeux long polling (docs.cometd.org, "The Bayeux protocol"). */
export class BayeuxPoller {
  private lastId = 0;
  private holdMs = USUAL_HOLD_MS;
  private pauseMs = 0;

  private constructor(
    private readonly platform: PlatformClient,
    private readonly signal: AbortSignal,
    private clientId = '',
  ) {}

  /** Makes a subscription; from now on the platform keeps what is said on the channel. */
  static async subscribe(
    platform: PlatformClient,
    channel: string,
    signal: AbortSignal,
  ): Promise<BayeuxPoller> {
    const poller = new BayeuxPoller(platform, signal);
    const shaken = await poller.send('/meta/handshake', {
      version: '1.0',
      minimumVersion: '1.0',
      supportedConnectionTypes: ['long-polling'],
    });
    poller.clientId = shaken.find(({ clientId }) => clientId !== undefined)?.clientId ?? '';
    await poller.send('/meta/subscribe', { subscription: channel });
    return poller;
  }

  /**
   * Waits for what is said.
   * @returns data of the messages, none when the hold was over
   */
  async poll(): Promise<unknown[]> {
    if (this.pauseMs > 0) await delay(this.pauseMs, undefined, { signal: this.signal });
    const timeoutMs = this.holdMs + NETWORK_DELAY_MS;
    const answers = await this.send('/meta/connect', { connectionType: 'long-polling' }, timeoutMs);
    return answers.filter(({ channel }) => !channel.startsWith('/meta/')).map(({ data }) => data);
  }

  /** Tells the platform to forget the subscription. */
  async disconnect(): Promise<void> {
    const message = [{ channel: '/meta/disconnect', clientId: this.clientId }];
    await this.platform.call('POST', PATH, message, { timeoutMs: 1_000 });
  }

  private async send(channel: string, fields: object, timeoutMs?: number): Promise<BayeuxAnswer[]> {
    const id = String((this.lastId += 1));
    const message = { channel, id, ...(this.clientId && { clientId: this.clientId }), ...fields };
    const answers = await this.platform.call('POST', PATH, [message], {
      signal: this.signal,
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    if (!Array.isArray(answers)) throw new SubscriptionLost('the platform does not speak Bayeux');
    const own = (answers as BayeuxAnswer[]).find(answer => answer.channel === channel);
    if (own?.successful !== true) {
      throw new SubscriptionLost(`${channel} failed: ${own?.error ?? 'no answer'}`);
    }
    this.heed(own.advice ?? {});
    return answers as BayeuxAnswer[];
  }

  private heed({ timeout, interval }: NonNullable<BayeuxAnswer['advice']>): void {
    if (typeof timeout === 'number' && timeout > 0) this.holdMs = Math.min(timeout, MAX_HOLD_MS);
    if (typeof interval === 'number') this.pauseMs = Math.min(interval, MAX_PAUSE_MS);
  }
}
