import { FRAGMENTS } from '@remote-access/contracts/platform';

/** The platform stores at most this many characters of a reason. */
export const MAX_REASON_LENGTH = 1_000;

/** The failure reason of an operation that a previous agent process was working on. */
export const RESTARTED = "the gateway's agent was restarted";

/** How long closing an inbox waits for status reports in progress. */
const REPORTS_TIMEOUT_MS = 2_000;

/** Far more operations than can be pending at once, so the oldest ones have long ended. */
const MAX_REMEMBERED = 10_000;

/** Ids that are safe in a path. */
const ID = /^[\w.:-]{1,128}$/;

/** The request for a tunnel. Not validated yet: chosen by anyone who may create operations. */
export interface ConnectRequest {
  readonly hostname: unknown;
  readonly port: unknown;
  readonly connectionKey: unknown;
}

/** An operation for this program, in the form of the platform's JSON. */
export interface ConnectOperation {
  readonly id: string;
  readonly status: unknown;
  /** The external id of the device, if the platform sends it. */
  readonly serial?: string;
  readonly connect: ConnectRequest;
}

/** @returns `undefined` for operations that are meant for other programs on the device */
export function connectOperation(data: unknown): ConnectOperation | undefined {
  if (!isObject(data)) return undefined;
  const { id, status, externalSource, [FRAGMENTS.connect]: connect } = data;
  if (connect === undefined || connect === null) return undefined;
  if (!isOperationId(id)) return undefined;
  // A request that is not an object contains neither host nor key, so it fails for that reason.
  const { hostname, port, connectionKey } = isObject(connect) ? connect : {};
  const serial = isObject(externalSource) ? externalSource['externalId'] : undefined;
  return {
    id,
    status,
    ...(typeof serial === 'string' && { serial }),
    connect: { hostname, port, connectionKey },
  };
}

/** Whether a value has the form of the platform's ids of operations and devices. */
export function isOperationId(id: unknown): id is string {
  return typeof id === 'string' && ID.test(id);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** What is known about the most recent operations; the oldest ones are forgotten. */
export class RecentOperations<Known> {
  private readonly known = new Map<string, Known>();

  has(key: string): boolean {
    return this.known.has(key);
  }

  get(key: string): Known | undefined {
    return this.known.get(key);
  }

  set(key: string, operation: Known): void {
    this.known.set(key, operation);
    if (this.known.size <= MAX_REMEMBERED) return;
    for (const oldest of this.known.keys()) {
      this.known.delete(oldest);
      break;
    }
  }
}

/** Remembers which operations were taken, so that none is taken twice. */
export class TakenOperations {
  private readonly ids = new RecentOperations<true>();

  /** @returns whether the operation is new */
  add(id: string): boolean {
    if (this.ids.has(id)) return false;
    this.ids.set(id, true);
    return true;
  }
}

/** Status reports in progress. */
export class PendingReports {
  private readonly reports = new Set<Promise<void>>();

  add(report: Promise<void>): Promise<void> {
    this.reports.add(report);
    const forget = (): void => void this.reports.delete(report);
    report.then(forget, forget);
    return report;
  }

  /** Resolves when all have been sent or have failed, or after 2 seconds. */
  async settle(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise(resolve => (timer = setTimeout(resolve, REPORTS_TIMEOUT_MS)));
    await Promise.race([Promise.allSettled(this.reports), patience]);
    clearTimeout(timer);
  }
}
