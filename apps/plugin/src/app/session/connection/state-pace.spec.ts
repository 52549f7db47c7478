import type { SessionState } from './session-machine';
import { StatePace } from './state-pace';

const IDLE: SessionState = { phase: 'idle' };

function connecting(
  stage: 'operation' | 'gateway' | 'endpoint',
  more: Partial<Extract<SessionState, { phase: 'connecting' }>> = {},
): SessionState {
  return { phase: 'connecting', stage, startedAtMs: 0, reachedAtMs: {}, ...more };
}

const OPEN = { phase: 'open', startedAtMs: 0, reachedAtMs: {} } as unknown as SessionState;
const QUESTION = { type: 'prompt', id: 1, title: '', prompts: [] } as never;

describe('StatePace', () => {
  let shown: [SessionState, boolean][];
  let pace: StatePace;

  beforeEach(() => {
    jest.useFakeTimers();
    shown = [];
    pace = new StatePace((state, isSlow) => shown.push([state, isSlow]));
  });
  afterEach(() => jest.useRealTimers());

  it('skips the steps of a session that opens at once', () => {
    pace.next(connecting('operation'));
    pace.next(connecting('gateway'));
    pace.next(connecting('endpoint'));
    pace.next(OPEN);
    jest.runAllTimers();
    expect(shown).toEqual([
      [connecting('operation'), false],
      [OPEN, false],
    ]);
  });

  it('shows the latest step once connecting takes long, and then each one', () => {
    pace.next(connecting('operation'));
    pace.next(connecting('gateway'));
    jest.advanceTimersByTime(300);
    pace.next(connecting('endpoint'));
    expect(shown.slice(1)).toEqual([
      [connecting('gateway'), true],
      [connecting('endpoint'), true],
    ]);
  });

  it('shows a question at once, and the steps that follow it', () => {
    const asking = connecting('endpoint', { question: QUESTION });
    pace.next(connecting('operation'));
    pace.next(asking);
    pace.next(connecting('endpoint'));
    jest.runAllTimers();
    expect(shown.slice(1)).toEqual([
      [asking, true],
      [connecting('endpoint'), true],
    ]);
  });

  it('skips the steps of the next session again', () => {
    pace.next(connecting('operation'));
    jest.advanceTimersByTime(300);
    pace.next(OPEN);
    pace.next(connecting('operation'));
    pace.next(connecting('gateway'));
    expect(shown.at(-1)).toEqual([connecting('operation'), false]);
  });

  it('shows nothing after it was stopped', () => {
    pace.next(IDLE);
    pace.next(connecting('operation'));
    pace.next(connecting('gateway'));
    pace.stop();
    jest.runAllTimers();
    expect(shown).toHaveLength(2);
  });
});
