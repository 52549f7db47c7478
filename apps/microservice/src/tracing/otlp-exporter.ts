import { Disposables } from '@remote-access/streams';
import type { Log } from '../logging/log';
import type { TracingSettings } from '../settings/tracing-settings';

/** A span as encoded in OTLP/JSON (opentelemetry.proto.trace.v1.Span). */
export interface Span {
  /** 16 bytes in hex. */
  readonly traceId: string;
  /** 8 bytes in hex. */
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string>>;
  /** The code of the error catalogue, if the step failed. */
  readonly failure?: string;
}

const EXPORT_EVERY_MS = 2_000;
const EXPORT_TIMEOUT_MS = 10_000;

/** While the collector is unreachable, the oldest spans beyond this number are dropped. */
const MAX_WAITING = 2_048;

const KIND = { internal: 1, server: 2 } as const;
const STATUS = { ok: 1, error: 2 } as const;

/** Sends spans to a collector, OTLP over HTTP in JSON. Losing some is acceptable. */
export class OtlpExporter {
  private readonly disposables = new Disposables();
  private waiting: Span[] = [];
  private sending: Promise<void> | undefined;
  private hasFailed = false;

  constructor(
    private readonly settings: TracingSettings,
    /** Attributes of the process, such as its version. */
    private readonly resource: Readonly<Record<string, string>>,
    private readonly log: Pick<Log, 'warn' | 'info'>,
  ) {
    this.disposables.interval(() => void this.flush(), EXPORT_EVERY_MS);
  }

  add(spans: readonly Span[]): void {
    this.waiting.push(...spans);
    if (this.waiting.length > MAX_WAITING) this.waiting = this.waiting.slice(-MAX_WAITING);
  }

  /** Sends pending spans one last time. */
  async stop(): Promise<void> {
    this.disposables.dispose();
    await this.sending;
    await this.flush();
  }

  private flush(): Promise<void> {
    if (this.waiting.length === 0) return Promise.resolve();
    this.sending ??= this.send(this.waiting.splice(0)).finally(() => (this.sending = undefined));
    return this.sending;
  }

  private async send(spans: readonly Span[]): Promise<void> {
    const { url, headers } = this.settings;
    const revealed: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) revealed[name] = value.reveal();
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { ...revealed, 'content-type': 'application/json' },
        body: JSON.stringify(this.request(spans)),
        redirect: 'error',
        signal: AbortSignal.timeout(EXPORT_TIMEOUT_MS),
      });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`The collector answered ${answer.status}`);
      if (this.hasFailed) this.log.info('Traces are taken again');
      this.hasFailed = false;
    } catch (cause) {
      if (!this.hasFailed) this.log.warn('Traces cannot be sent and are dropped', { cause });
      this.hasFailed = true;
    }
  }

  private request(spans: readonly Span[]): object {
    const { serviceName } = this.settings;
    const resource = {
      attributes: attributesOf({ 'service.name': serviceName, ...this.resource }),
    };
    const scopeSpans = [{ scope: { name: 'cloud-remote-access' }, spans: spans.map(written) }];
    return { resourceSpans: [{ resource, scopeSpans }] };
  }
}

function written({ startMs, endMs, attributes, failure, ...ids }: Span): object {
  return {
    ...ids,
    kind: ids.parentSpanId === undefined ? KIND.server : KIND.internal,
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(endMs),
    attributes: attributesOf(attributes),
    status: failure === undefined ? { code: STATUS.ok } : { code: STATUS.error, message: failure },
  };
}

/** 64-bit numbers are strings in JSON. */
function nanoseconds(ms: number): string {
  return (BigInt(Math.round(ms * 1_000)) * 1_000n).toString();
}

function attributesOf(values: Readonly<Record<string, string>>): object[] {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
