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

  describe('of a session that opens at once', () => {
    const NEWER = { ...OPEN, operationId: '7' } as unknown as SessionState;
    const ENDED = { phase: 'ended' } as unknown as SessionState;

    beforeEach(() => {
      pace.next(connecting('operation'));
      pace.next(OPEN);
      shown = [];
    });

    it('shows that it is open after the first output, with what has changed since', () => {
      pace.next(NEWER);
      jest.advanceTimersByTime(99);
      expect(shown).toEqual([]);
      jest.advanceTimersByTime(1);
      expect(shown).toEqual([[NEWER, false]]);
      pace.next(OPEN);
      expect(shown.at(-1)).toEqual([OPEN, false]);
      jest.runAllTimers();
      expect(shown).toHaveLength(2);
    });

    it.each([
      ['its end', ENDED],
      ['that it will end', { ...OPEN, closing: { cause: 'idle', atMs: 9 } } as never],
    ])('shows %s at once, and nothing afterwards', (_what, state: SessionState) => {
      pace.next(state);
      expect(shown).toEqual([[state, false]]);
      jest.runAllTimers();
      expect(shown).toHaveLength(1);
    });
  });

  it.each([
    ['took long to connect', () => jest.advanceTimersByTime(300)],
    ['asked the user', () => pace.next(connecting('endpoint', { question: QUESTION }))],
  ])('shows at once that a session is open that %s', (_what, meanwhile) => {
    pace.next(connecting('operation'));
    meanwhile();
    pace.next(OPEN);
    expect(shown.at(-1)).toEqual([OPEN, false]);
  });

  it('shows at once that an interrupted session continues', () => {
    pace.next({ phase: 'interrupted' } as unknown as SessionState);
    pace.next(OPEN);
    expect(shown.at(-1)).toEqual([OPEN, false]);
  });

  it('shows nothing after it was stopped', () => {
    pace.next(IDLE);
    pace.next(connecting('operation'));
    pace.next(connecting('gateway'));
    pace.stop();
    jest.runAllTimers();
    expect(shown).toHaveLength(2);
    pace.next(OPEN);
    pace.stop();
    jest.runAllTimers();
    expect(shown).toHaveLength(2);
  });
});
