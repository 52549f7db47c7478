import type { ErrorCode } from '@remote-access/contracts';
import { Disposables } from '@remote-access/streams';
import type { RemoteAccessOptions } from '../options/remote-access-options';
import type { ClientSide } from './client-side';
import { startHeartbeat } from './heartbeat';
import { startIdleWatch } from './idle-watch';

/** A tab that was put to sleep is noticed within a minute. */
const CLIENT_PING_PERIOD_MS = 15_000;

export interface LimitListeners {
  /** Whether the gateway has connected. */
  readonly isPaired: () => boolean;
  /** The gateway has not come in time. */
  readonly onLate: () => void;
  readonly onEnd: (code: ErrorCode) => void;
}

/**
 * Every limit in time that a session has from its start.
 * @returns stops them all
 */
export function startLimits(
  clientSide: ClientSide,
  { operationTimeoutMs, idleTimeoutMs, maxDurationMs }: RemoteAccessOptions,
  { isPaired, onLate, onEnd }: LimitListeners,
): () => void {
  const limits = new Disposables();
  limits.timeout(() => {
    if (!isPaired()) onLate();
  }, operationTimeoutMs);
  if (maxDurationMs > 0) limits.timeout(() => onEnd('session-expired'), maxDurationMs);
  const bytes = (): number => clientSide.bytesIn + clientSide.bytesOut;
  limits.add(startIdleWatch(bytes, idleTimeoutMs, () => onEnd('idle-timeout')));
  limits.add(
    startHeartbeat(clientSide.socket, {
      periodMs: CLIENT_PING_PERIOD_MS,
      expectsAnswer: true,
      onDead: () => clientSide.socket.terminate(),
    }),
  );
  return () => limits.dispose();
}
