import { AsyncResource } from 'node:async_hooks';

/**
 * The part of each turn of the event loop that is spent on work that peers cause and that can wait.
 * A keystroke and its echo take one turn each, so each of them waits at most this long.
 */
const SHARE_MS = 2;

/** In the order in which they were queued; for each, an immediate is pending. */
const waiting = new Set<SharedTurn>();

/** When the share of the current turn is used up; `undefined` if none of it has been used. */
let endsAtMs: number | undefined;

/** A task in the queue of {@link inSharedTurn}; it runs in the async context of its caller. */
export class SharedTurn extends AsyncResource {
  constructor(private task: () => void) {
    super('SharedTurn');
  }

  run(): void {
    this.runInAsyncScope(this.task);
  }

  /** It stays in the queue: otherwise its immediate would give another task a second turn. */
  cancel(): void {
    this.task = () => undefined;
  }
}

/**
 * Like `setImmediate`, for work of which a peer can cause any amount. All such work of the process
 * shares a small part of each turn of the event loop, in the order in which it was queued, so that
 * many flooding peers delay a keystroke no more than one does.
 */
export function inSharedTurn(task: () => void): SharedTurn {
  const turn = new SharedTurn(task);
  waiting.add(turn);
  setImmediate(takeNext);
  return turn;
}

/**
 * Each task has an immediate of its own, so that what it defers with `process.nextTick` runs before
 * the next task and counts towards the share.
 */
function takeNext(): void {
  if (endsAtMs === undefined) {
    endsAtMs = performance.now() + SHARE_MS;
    // Runs in the next turn, before the tasks that this one leaves over.
    setImmediate(beginShare);
  } else if (performance.now() >= endsAtMs) {
    setImmediate(takeNext);
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
