import { setTimeout as delay } from 'node:timers/promises';
import type { OperationStatus } from '@remote-access/contracts/platform';
import { BackOff } from '@remote-access/streams';
import { type PlatformClient, PlatformError } from './platform-client';

/** Tries before a status is given up; the platform's user has long been told a reason by then. */
const MAX_TRIES = 4;

const FIRST_RETRY_MS = 500;

/** What the platform stores of a reason. */
const MAX_REASON_LENGTH = 1_000;

/** Tells the platform the states of one operation, one after the other. */
export class OperationReporter {
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly platform: PlatformClient,
    private readonly operationId: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Sends the state after those before it, whatever became of them. */
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
    for (let tries = 1; ; tries += 1) {
      try {
        await this.platform.call('PUT', path, body, { signal: this.signal });
        return;
      } catch (cause) {
        const isFinal = cause instanceof PlatformError && cause.status < 500;
        if (isFinal || tries === MAX_TRIES || this.signal.aborted) throw cause;
        await delay(backOff.next(), undefined, { signal: this.signal });
      }
    }
  }
}
