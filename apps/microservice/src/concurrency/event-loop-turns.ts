const waiting: (() => void)[] = [];
let isScheduled = false;

/**
 * Waits for a turn of the event loop of the caller's own. Callers continue one per turn, in the order
 * in which they asked, and sockets and timers are served in between. Otherwise a burst of requests, or
 * of answers from the platform, would be handled in one turn and hold up every running session.
 */
export function ownTurn(): Promise<void> {
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
