const waiting: (() => void)[] = [];
let isScheduled = false;

/**
 * Waits for a separate turn of the event loop. Callers continue one per turn, in the order of their
 * calls, and sockets and timers are served in between. Otherwise a burst of requests, or of
 * responses from the platform, would be handled in one turn and delay every running session.
 */
export function eventLoopTurn(): Promise<void> {
  return new Promise(resolve => {
    waiting.push(resolve);
    schedule();
  });
}

function schedule(): void {
  if (isScheduled || waiting.length === 0) return;
  isScheduled = true;
  setImmediate(() => {
    isScheduled = false;
    waiting.shift()!();
    schedule();
  });
}
