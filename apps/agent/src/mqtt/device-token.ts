import { MAX_DELAY_MS } from '@remote-access/streams';
import type { MqttConnection } from './mqtt-link';
import { parseRows } from './smartrest';

/** How long a caller waits for the first token. */
const WAIT_MS = 10_000;

/** The delay after an unanswered request, and if the lifetime of a token cannot be read. */
const RETRY_MS = 30_000;

/** Tokens are not requested more often, however short their lifetime is. */
const LEAST_DELAY_MS = 1_000;

/**
 * The device's token, which authorizes HTTP requests and WebSockets if the device signs in with a
 * certificate.
 *
 * The platform issues a new token only in the second half of the previous token's lifetime. One is
 * requested every quarter of the lifetime, so the token in use is never older than three quarters,
 * and the gateway's clock does not matter.
 */
export class DeviceToken {
  private token: string | undefined;
  private connection: MqttConnection | undefined;
  private timer: NodeJS.Timeout | undefined;
  private waiters: (() => void)[] = [];

  /** Requests a token on a new connection. */
  async start(connection: MqttConnection): Promise<void> {
    this.connection = connection;
    await connection.subscribe('s/dat');
    await this.request();
  }

  /** Handles the platform's message on `s/dat`: `71,TOKEN`. */
  receive(payload: string): void {
    for (const [template, token] of parseRows(payload)) {
      if (template !== '71' || token === undefined || !/^[\w.~+/=-]+$/.test(token)) continue;
      this.token = token;
      this.schedule(renewalDelayMs(token));
      for (const waiter of this.waiters.splice(0)) waiter();
    }
  }

  async authorization(): Promise<string> {
    if (this.token === undefined) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, WAIT_MS);
        this.waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    if (this.token === undefined) throw new Error('the platform has not issued a token yet');
    return `Bearer ${this.token}`;
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private async request(): Promise<void> {
    this.schedule(RETRY_MS);
    await this.connection?.publish('s/uat', '');
  }

  private schedule(delayMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      // If the connection is lost, the next one requests a token.
      this.request().catch(() => undefined);
    }, delayMs);
    this.timer.unref();
  }
}

/** A quarter of the token's lifetime, within what is bearable for the platform and for a timer. */
function renewalDelayMs(token: string): number {
  return Math.min(Math.max(lifetimeMsOf(token) / 4, LEAST_DELAY_MS), MAX_DELAY_MS);
}

function lifetimeMsOf(token: string): number {
  try {
    const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    const { iat, exp } = JSON.parse(claims) as Record<string, unknown>;
    const seconds = typeof iat === 'number' && typeof exp === 'number' ? exp - iat : 0;
    return seconds > 0 ? seconds * 1000 : RETRY_MS * 4;
  } catch {
    return RETRY_MS * 4;
  }
}
