import { randomBytes } from 'node:crypto';
import { type ErrorCode, type Step, STEPS } from '@remote-access/contracts';
import type { ConnectListener, MeasuredSession } from '../metrics/metrics';
import type { OtlpExporter, Span } from './otlp-exporter';

interface Connect {
  readonly traceId: string;
  readonly spanId: string;
  readonly startMs: number;
  readonly steps: Span[];
  last: Step | undefined;
  lastMs: number;
}

/**
 * Produces a trace for each connect: a span for the whole, and one for each step. Attributes are
 * the protocol, the outcome and the session's id, which also appears in the log and the API and
 * grants no access; never who connects, to which endpoint, or any payload.
 */
export class ConnectTraces implements ConnectListener {
  private readonly connects = new WeakMap<MeasuredSession, Connect>();

  constructor(private readonly exporter: Pick<OtlpExporter, 'add'>) {}

  stepReached(session: MeasuredSession, step: Step, sincePreviousMs: number): void {
    const now = wallClockMs();
    const connect = this.connectOf(session, now - sincePreviousMs);
    connect.steps.push(this.step(connect, step, now));
    connect.last = step;
    connect.lastMs = now;
    if (step === 'open') this.finish(session, connect);
  }

  ended(session: MeasuredSession, code: ErrorCode | 'normal', durationMs: number): void {
    const known = this.connects.get(session);
    if (known?.last === 'open') return;
    const now = wallClockMs();
    const connect = known ?? this.connectOf(session, now - durationMs);
    const next = STEPS[connect.last === undefined ? 0 : STEPS.indexOf(connect.last) + 1];
    if (next) connect.steps.push({ ...this.step(connect, next, now), failure: code });
    this.finish(session, connect, code);
  }

  private connectOf(session: MeasuredSession, startMs: number): Connect {
    const known = this.connects.get(session);
    if (known) return known;
    const ids = { traceId: randomHex(16), spanId: randomHex(8) };
    const connect: Connect = { ...ids, startMs, steps: [], last: undefined, lastMs: startMs };
    this.connects.set(session, connect);
    return connect;
  }

  private step({ traceId, spanId, lastMs }: Connect, name: Step, endMs: number): Span {
    const ids = { traceId, spanId: randomHex(8), parentSpanId: spanId };
    return { ...ids, name, startMs: lastMs, endMs, attributes: {} };
  }

  private finish(session: MeasuredSession, connect: Connect, failure?: string): void {
    const { traceId, spanId, startMs, steps } = connect;
    const attributes = {
      'remoteaccess.protocol': session.protocol,
      'remoteaccess.session.id': session.id,
      'remoteaccess.outcome': failure ?? 'open',
    };
    const failed = failure === undefined ? {} : { failure };
    const whole = { traceId, spanId, name: 'connect', startMs, endMs: wallClockMs(), attributes };
    this.exporter.add([{ ...whole, ...failed }, ...steps.splice(0)]);
  }
}

/** Unaffected by changes of the system clock in the meantime. */
function wallClockMs(): number {
  return performance.timeOrigin + performance.now();
}

function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
