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
 * The steps of a session that opens, has opened, or failed to: each with its time. Once it is open,
 * what its protocol has no need of is not listed.
 */
export function stepList(
  state: Exclude<SessionState, { phase: 'idle' }>,
  nowMs: number,
): ListedStep[] {
  const wasOpen = state.phase === 'open' || (state.phase === 'ended' && state.wasOpen);
  const passed = STAGES.filter(stage => !wasOpen || state.reachedAtMs[stage] !== undefined);
  return passed.map(stage => {
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

function step(stage: Stage, progress: ListedStep['progress'], atMs?: number): ListedStep {
  const words = STAGE_WORDS[stage];
  return {
    stage,
    progress,
    words: progress === 'done' || progress === 'failed' ? words[progress] : words.waiting,
    time: atMs === undefined ? '' : elapsed(atMs),
  };
}
