import { Global, Inject, Injectable, type LoggerService, Module } from '@nestjs/common';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { type LogLevel, SETTINGS, type Settings } from '../settings/settings';
import { logContext } from './correlation';
import { CENSOR, redact, SENSITIVE_FIELDS } from './redaction';

/** Longer stacks and messages are truncated. */
const MAX_TEXT_LENGTH = 4_000;

/** Fields of an event, and of an object nested one level deep. */
const SENSITIVE_PATHS = [...SENSITIVE_FIELDS].flatMap(name => [name, `*.${name}`]);

/**
 * Writes one line of JSON per event to stdout: `time`, `level`, `message`, the ids of the request
 * and session, and the given fields. Callers must not pass payload, credentials or tickets;
 * redaction only catches mistakes.
 */
@Injectable()
export class Log implements LoggerService {
  private readonly logger: Logger;

  constructor(@Inject(SETTINGS) settings: Pick<Settings, 'logLevel'>) {
    this.logger = pino(
      {
        level: settings.logLevel,
        base: null,
        messageKey: 'message',
        timestamp: stdTimeFunctions.isoTime,
        mixin: () => ({ ...logContext() }),
        formatters: { level: label => ({ level: label }), log: plainFields },
        redact: { paths: SENSITIVE_PATHS, censor: CENSOR },
      },
      // Node writes to files and pipes synchronously, so no line is lost when the process exits.
      process.stdout,
    );
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

  /** Used by Nest to report its own start. */
  log(message: unknown, context?: unknown): void {
    this.write('debug', message, context);
  }

  private write(level: LogLevel, message: unknown, fields: unknown): void {
    // Nest passes a context or a stack as a string.
    const isText = fields !== undefined && (typeof fields !== 'object' || fields === null);
    this.logger[level](isText ? { context: fields } : (fields ?? {}), String(plain(message)));
  }
}

function plainFields(fields: object): Record<string, unknown> {
  return mapValues(fields, value => (isRecord(value) ? mapValues(value, plain) : plain(value)));
}

function mapValues(fields: object, map: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, map(value)]));
}

/** A plain object: instances of classes define how they are printed. */
function isRecord(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** Keeps numbers and booleans; everything else becomes redacted text. */
function plain(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(plain);
  const text = value instanceof Error ? errorText(value) : String(value);
  return redact(text).slice(0, MAX_TEXT_LENGTH);
}

function errorText(error: Error): string {
  const text = error.stack ?? String(error);
  const { cause } = error;
  return cause instanceof Error ? `${text}\ncaused by ${errorText(cause)}` : text;
}

@Global()
@Module({ providers: [Log], exports: [Log] })
export class LoggingModule {}
