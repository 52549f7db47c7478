import { AsyncResource } from 'node:async_hooks';

/**
 * Milliseconds of each turn of the event loop for work that peers cause and that can wait. A keystroke and its
 * echo take a turn each, beside whatever else is done.
 */
const SHARE_MS = 2;

/** In the order in which they asked. */
const waiting = new Set<SharedTurn>();

/** When the share of the current turn of the event loop is used up; `undefined` if nothing has used any of it. */
let endsAtMs: number | undefined;

/** A place in the queue of {@link inSharedTurn}, with the context of whoever asked. */
export class SharedTurn extends AsyncResource {
  constructor(private readonly task: () => void) {
    super('SharedTurn');
  }

  run(): void {
    this.runInAsyncScope(this.task);
  }

  cancel(): void {
    waiting.delete(this);
  }
}

/**
 * `setImmediate` for work of which a peer may cause any amount. All such work of the process shares a small part
 * of each turn of the event loop, in the order in which it was asked for, so that many peers who flood at once
 * delay a keystroke no more than one does.
 */
export function inSharedTurn(task: () => void): SharedTurn {
  const turn = new SharedTurn(task);
  waiting.add(turn);
  setImmediate(takeNext);
  return turn;
}

/**
 * There is an immediate for each that waits, and not one for all: what a task leaves to `process.nextTick` is done
 * before the next task, and counts too.
 */
function takeNext(): void {
  if (endsAtMs === undefined) {
    endsAtMs = performance.now() + SHARE_MS;
    // Runs in the next turn, before anything that is left over from this one.
    setImmediate(beginShare);
  } else if (performance.now() >= endsAtMs) {
    if (waiting.size > 0) setImmediate(takeNext);
    return;
  }
  for (const first of waiting) {
    waiting.delete(first);
    first.run();
    return;
  }
}

function beginShare(): void {
  endsAtMs = undefined;
}
