const waiting: (() => void)[] = [];
let isScheduled = false;

/**
 * Waits for a turn of the event loop that is the caller's alone: whoever waits goes on one after the
 * other, and what sockets and timers bring is handled in between. Many requests that arrive at once,
 * or many answers of the platform, are so never worked on in one piece, while running sessions wait.
 * Costs nothing noticeable when nobody else waits.
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
