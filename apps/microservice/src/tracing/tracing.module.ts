import { createRequire } from 'node:module';
import {
  Inject,
  Injectable,
  Module,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { Log } from '../logging/log';
import { Metrics } from '../metrics/metrics';
import { type Settings, SETTINGS } from '../settings/settings';
import type { OtlpExporter } from './otlp-exporter';

type ExporterModule = typeof import('./otlp-exporter');
type TracesModule = typeof import('./connect-traces');

/** Loads the tracing code only if tracing is configured. */
@Injectable()
export class Tracing implements OnModuleInit, OnModuleDestroy {
  private exporter: OtlpExporter | undefined;

  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'tracing'>,
    private readonly metrics: Metrics,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    const { tracing } = this.settings;
    if (!tracing) return;
    const load = createRequire(__filename);
    const { OtlpExporter } = load('./otlp-exporter') as ExporterModule;
    const { ConnectTraces } = load('./connect-traces') as TracesModule;
    const resource = { 'process.pid': String(process.pid) };
    this.exporter = new OtlpExporter(tracing, resource, this.log);
    this.metrics.watchConnects(new ConnectTraces(this.exporter));
    this.log.info('Traces are sent', { url: tracing.url });
  }

  async onModuleDestroy(): Promise<void> {
    await this.exporter?.stop();
  }
}

@Module({ providers: [Tracing] })
export class TracingModule {}
