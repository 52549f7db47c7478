import type { ErrorCode } from '@remote-access/contracts';
import type { Disposables } from '@remote-access/streams';
import type { RemoteAccessOptions } from '../options/remote-access-options';
import type { ClientSide } from './client-side';
import { startHeartbeat } from './heartbeat';
import { startIdleWatch } from './idle-watch';

/** A tab that was put to sleep is noticed within a minute. */
const CLIENT_PING_PERIOD_MS = 15_000;

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
      expectsAnswer: true,
      onDead: () => clientSide.socket.terminate(),
    }),
  );
}
