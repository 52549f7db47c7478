import { Global, Inject, Injectable, type LoggerService, Module } from '@nestjs/common';
import { LOG_LEVELS, type LogLevel, SETTINGS, type Settings } from '../settings/settings';
import { correlationId } from './correlation';
import { redacted } from './redaction';

/** Stacks and messages in a log line are cut to this length. */
const MAX_TEXT_LENGTH = 4_000;

export type LogFields = Readonly<Record<string, unknown>>;

/** Writes one line of JSON per event on stdout, without anything that opens a door. */
@Injectable()
export class Log implements LoggerService {
  private readonly loudest: number;

  constructor(@Inject(SETTINGS) settings: Pick<Settings, 'logLevel'>) {
    this.loudest = LOG_LEVELS.indexOf(settings.logLevel);
  }

  error(message: unknown, fields?: unknown): void {
    this.write('error', message, fields);
  }

  warn(message: unknown, fields?: unknown): void {
    this.write('warn', message, fields);
  }

  info(message: unknown, fields?: unknown): void {
    this.write('info', message, fields);
  }

  debug(message: unknown, fields?: unknown): void {
    this.write('debug', message, fields);
  }

  /** Nest's own words for what it does while starting. */
  log(message: unknown, context?: unknown): void {
    this.write('debug', message, context);
  }

  private write(level: LogLevel, message: unknown, fields: unknown): void {
    if (LOG_LEVELS.indexOf(level) > this.loudest) return;
    const id = correlationId();
    const line = {
      time: new Date().toISOString(),
      level,
      message: plain(message),
      ...(id === undefined ? {} : { correlationId: id }),
      ...plainFields(fields),
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}

/** Nest hands over a context or a stack as text. */
function plainFields(fields: unknown): Record<string, unknown> {
  if (fields === undefined) return {};
  if (typeof fields !== 'object' || fields === null) return { context: plain(fields) };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));
}

function plain(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(plain);
  return redacted(value instanceof Error ? errorText(value) : String(value)).slice(
    0,
    MAX_TEXT_LENGTH,
  );
}

function errorText(error: Error): string {
  const text = error.stack ?? String(error);
  const { cause } = error;
  return cause instanceof Error ? `${text}\ncaused by ${errorText(cause)}` : text;
}

@Global()
@Module({ providers: [Log], exports: [Log] })
export class LoggingModule {}
