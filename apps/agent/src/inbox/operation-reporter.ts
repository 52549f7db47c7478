import { setTimeout as delay } from 'node:timers/promises';
import type { OperationStatus } from '@remote-access/contracts/platform';
import { BackOff } from '@remote-access/streams';
import { type PlatformClient, PlatformError } from '../platform/platform-client';
import { MAX_REASON_LENGTH } from './operations';

/** By the time these have failed, the user has long seen a timeout. */
const MAX_ATTEMPTS = 4;

const FIRST_RETRY_MS = 500;

/** Reports the statuses of one operation to the platform, in order. */
export class OperationReporter {
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly platform: PlatformClient,
    private readonly operationId: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Sends a status once the earlier ones were sent or have failed. */
  report(status: OperationStatus, failureReason?: string): Promise<void> {
    const before = this.last.catch(() => undefined);
    this.last = before.then(() =>
      this.send({
        status,
        ...(failureReason !== undefined && {
          failureReason: failureReason.slice(0, MAX_REASON_LENGTH),
        }),
      }),
    );
    return this.last;
  }

  private async send(body: object): Promise<void> {
    const path = `/devicecontrol/operations/${encodeURIComponent(this.operationId)}`;
    const backOff = new BackOff(FIRST_RETRY_MS);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.platform.call('PUT', path, body, { signal: this.signal });
        return;
      } catch (cause) {
        const isFinal = cause instanceof PlatformError && cause.status < 500;
        if (isFinal || attempt === MAX_ATTEMPTS || this.signal.aborted) throw cause;
        await delay(backOff.next(), undefined, { signal: this.signal });
      }
    }
  }
}
