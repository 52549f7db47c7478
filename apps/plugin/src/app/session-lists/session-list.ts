import type { RunningSession } from '@remote-access/contracts';
import type { PlatformCalls, StreamCalls } from '../host/platform-calls';
import { gettext, type Message } from '../ui/message';
import { numberText } from '../ui/page-language';
import { Refusal } from '../ui/refusal';

/** Columns by which the list can be sorted. */
export type SortKey =
  | 'user'
  | 'deviceName'
  | 'endpointName'
  | 'startedAt'
  | 'bytes'
  | 'state'
  | 'gatewayMs'
  | 'replica';

/** Lists as JSON lines. */
const ND_JSON = 'application/x-ndjson';

/** The requests with which the list is read. */
export interface SessionCalls {
  readonly platform: Pick<PlatformCalls, 'call'>;
  readonly streams: StreamCalls;
}

/** Running sessions: of one gateway, or of all gateways that the user may see. */
export class SessionListClient {
  private readonly path: string;

  /** @param deviceId all gateways if absent */
  constructor(
    private readonly calls: SessionCalls,
    deviceId?: string,
  ) {
    const root = '/service/remoteaccess';
    this.path =
      deviceId === undefined
        ? `${root}/sessions`
        : `${root}/devices/${encodeURIComponent(deviceId)}/sessions`;
  }

  async list(): Promise<readonly RunningSession[] | Refusal> {
    const { status, body } = await this.calls.platform.call('GET', this.path);
    return status === 200 ? (body as RunningSession[]) : Refusal.of(status, body);
  }

  /**
   * The list now, and after each change. Ends when the service ends it, and immediately if the
   * service refuses. Throws if the connection is lost or aborted.
   */
  async *stream(signal: AbortSignal): AsyncGenerator<readonly RunningSession[]> {
    let text = '';
    for await (const part of this.calls.streams.stream(this.path, ND_JSON, signal)) {
      const lines = (text + part).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as RunningSession[];
    }
  }

  /** @param reason shown to the user of the session; may be empty */
  async terminate(sessionId: string, reason: string): Promise<Refusal | undefined> {
    const path = `${this.path}/${encodeURIComponent(sessionId)}`;
    const { status, body } = await this.calls.platform.call(
      'DELETE',
      path,
      reason ? { reason } : {},
    );
    return status === 204 ? undefined : Refusal.of(status, body);
  }
}

/** The sessions that contain a text, sorted. */
export function arranged(
  sessions: readonly RunningSession[],
  filter: string,
  key: SortKey,
  isDescending: boolean,
): RunningSession[] {
  const wanted = filter.trim().toLowerCase();
  const matching = sessions.filter(({ user, deviceName, endpointName, protocol }) =>
    [user, deviceName, endpointName, protocol].some(text => text.toLowerCase().includes(wanted)),
  );
  const direction = isDescending ? -1 : 1;
  return matching.sort((one, other) => direction * compare(valueOf(one, key), valueOf(other, key)));
}

function valueOf(session: RunningSession, key: SortKey): string | number {
  // Sessions without a measurement come first.
  if (key === 'gatewayMs') return session.gatewayMs ?? -1;
  if (key === 'bytes') return session.bytesToClient + session.bytesFromClient;
  return session[key] ?? '';
}

function compare(one: string | number, other: string | number): number {
  return typeof one === 'number' && typeof other === 'number'
    ? one - other
    : String(one).localeCompare(String(other));
}

/** The states of a session as texts. */
export const STATE_TEXTS: Readonly<Record<RunningSession['state'], string>> = {
  opening: gettext('Opening'),
  open: gettext('Running'),
  waiting: gettext('Waiting for the user to reconnect'),
};

/** How long ago a session started. */
export function sinceOf({ startedAt }: RunningSession, nowMs: number): Message {
  const minutes = Math.max(0, Math.floor((nowMs - Date.parse(startedAt)) / 60_000));
  if (minutes < 1) return { text: gettext('less than a minute') };
  return durationText(minutes * 60_000);
}

/** `8 s`, `5 min`, `2 h 5 min`. */
export function durationText(ms: number): Message {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return { text: gettext('{{ seconds }} s'), values: { seconds: `${seconds}` } };
  const minutes = Math.round(seconds / 60);
  if (minutes < 60)
    return { text: gettext('{{ minutes }} min'), values: { minutes: `${minutes}` } };
  return {
    text: gettext('{{ hours }} h {{ minutes }} min'),
    values: { hours: `${Math.floor(minutes / 60)}`, minutes: `${minutes % 60}` },
  };
}

/** Bytes in the largest unit in which the number is at least 1. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1_000 && unit < units.length - 1; unit += 1) value /= 1_000;
  return `${numberText(value, unit === 0 ? 0 : 1)} ${units[unit]}`;
}
