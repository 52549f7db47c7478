import type { ErrorCode } from '@remote-access/contracts';
import { type Disposables, startHeartbeat } from '@remote-access/streams';
import type { RemoteAccessOptions } from '../tenant-settings/tenant-options';
import type { ClientSide } from './client-side';
import type { DeviceSide } from './device-side';
import { startIdleWatch } from './idle-watch';

/** A tab that was put to sleep is noticed within a minute. */
const CLIENT_PING_PERIOD_MS = 15_000;

/** Proxies cut what is silent for a minute; it may be silent for two periods. */
const GATEWAY_PING_PERIOD_MS = 25_000;

const MAX_UNANSWERED_PINGS = 2;

/** The limits in time that a session has for as long as it runs; they end with the rest of it. */
export function startLimits(
  limits: Disposables,
  clientSide: ClientSide,
  { idleTimeoutMs, maxDurationMs }: RemoteAccessOptions,
  onEnd: (code: ErrorCode) => void,
): void {
  if (maxDurationMs > 0) limits.timeout(() => onEnd('session-expired'), maxDurationMs);
  const bytes = (): number => clientSide.bytesIn + clientSide.bytesOut;
  limits.add(startIdleWatch(bytes, idleTimeoutMs, () => onEnd('idle-timeout')));
  limits.add(
    startHeartbeat(clientSide, {
      periodMs: CLIENT_PING_PERIOD_MS,
      maxUnanswered: MAX_UNANSWERED_PINGS,
      expectsPong: true,
      pings: 'when-silent',
      onDead: () => clientSide.socket.terminate(),
    }),
  );
}

/** Notices a gateway whose network is gone, as far as its agent answers pings. */
export function watchGateway(
  limits: Disposables,
  deviceSide: DeviceSide,
  onDead: () => void,
): void {
  limits.add(
    startHeartbeat(deviceSide, {
      periodMs: GATEWAY_PING_PERIOD_MS,
      maxUnanswered: MAX_UNANSWERED_PINGS,
      expectsPong: false,
      pings: 'when-silent',
      onDead,
    }),
  );
}
