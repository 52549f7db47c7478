import { Secret, type SettingsReader } from '@remote-access/settings';

/** Where traces are sent, from OpenTelemetry's own variables. */
export interface TracingSettings {
  /** The collector's URL, including `/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, Secret>>;
  readonly serviceName: string;
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;

/** @returns `undefined` without OTEL_EXPORTER_OTLP_ENDPOINT, which disables tracing */
export function readTracingSettings(reader: SettingsReader): TracingSettings | undefined {
  const name = 'OTEL_EXPORTER_OTLP_ENDPOINT';
  if (reader.optional(name) === undefined) return undefined;
  return {
    url: `${reader.url(name)}/v1/traces`,
    headers: readHeaders(reader),
    serviceName: reader.text('OTEL_SERVICE_NAME', 'cloud-remote-access'),
  };
}

/**
 * Comma-separated `name=value` with percent-encoded values (W3C Baggage, as OpenTelemetry
 * specifies).
 */
function readHeaders(reader: SettingsReader): Record<string, Secret> {
  const headers: Record<string, Secret> = {};
  for (const item of reader.list('OTEL_EXPORTER_OTLP_HEADERS')) {
    const at = item.indexOf('=');
    const name = item.slice(0, at).trim();
    if (at < 0 || !HEADER_NAME.test(name)) {
      reader.problem('OTEL_EXPORTER_OTLP_HEADERS is not a list of name=value');
    } else {
      headers[name] = new Secret(decoded(item.slice(at + 1).trim()));
    }
  }
  return headers;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
