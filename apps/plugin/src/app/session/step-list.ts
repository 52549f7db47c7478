import { STAGES, type SessionState, type Stage } from './session-state';
import { elapsed, STAGE_WORDS } from './session-words';

export interface ListedStep {
  readonly stage: Stage;
  readonly progress: 'done' | 'current' | 'failed' | 'ahead';
  readonly words: string;
  /** From the start; empty for what was never reached. */
  readonly time: string;
}

/**
 * The steps of a session that opens, has opened, or failed to: each with its time. What was passed
 * over on the way is not listed: not every protocol needs every step.
 */
export function stepList(
  state: Exclude<SessionState, { phase: 'idle' }>,
  nowMs: number,
): ListedStep[] {
  const here = whereItIs(state);
  const passedOver = (stage: Stage): boolean =>
    state.reachedAtMs[stage] === undefined &&
    (here === undefined || STAGES.indexOf(stage) < STAGES.indexOf(here));
  return STAGES.filter(stage => !passedOver(stage)).map(stage => {
    const doneAtMs = state.reachedAtMs[stage];
    if (doneAtMs !== undefined) return step(stage, 'done', doneAtMs);
    if (state.phase === 'connecting' && state.stage === stage) {
      return step(stage, 'current', nowMs - state.startedAtMs);
    }
    if (state.phase === 'ended' && state.failedAt === stage) {
      return step(stage, 'failed', state.endedAfterMs);
    }
    return step(stage, 'ahead');
  });
}

/** The stage that it is in, or failed in; none of a session that is or was open. */
function whereItIs(state: Exclude<SessionState, { phase: 'idle' }>): Stage | undefined {
  if (state.phase === 'connecting') return state.stage;
  return state.phase === 'ended' ? state.failedAt : undefined;
}

function step(stage: Stage, progress: ListedStep['progress'], atMs?: number): ListedStep {
  const words = STAGE_WORDS[stage];
  return {
    stage,
    progress,
    words: progress === 'done' || progress === 'failed' ? words[progress] : words.waiting,
    time: atMs === undefined ? '' : elapsed(atMs),
  };
}
