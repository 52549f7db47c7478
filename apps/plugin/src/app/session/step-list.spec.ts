import { SessionMachine } from './session-machine';
import { stepList } from './step-list';

/** A session that reaches a step each second, and is then told what `last` does. */
function shown(reached: number, last: (machine: SessionMachine) => void, nowMs: number): string[] {
  const machine = new SessionMachine();
  machine.start(0);
  const steps = [
    'operation-created',
    'gateway-connected',
    'endpoint-answered',
    'signed-in',
    'open',
  ] as const;
  for (const [index, step] of steps.slice(0, reached).entries()) {
    machine.message({ type: 'status', step, elapsedMs: 0 }, (index + 1) * 1000);
  }
  last(machine);
  const { state } = machine;
  if (state.phase === 'idle') throw new Error('A started session is not idle');
  return stepList(state, nowMs).map(({ progress, time }) => `${progress} ${time}`.trim());
}

const nothing = (): void => undefined;
const fail = (machine: SessionMachine): void =>
  machine.message(
    { type: 'ended', by: 'gateway', code: 'gateway-timeout', text: 'x', outputBytes: 0 },
    2500,
  );

describe('the steps of a session', () => {
  it('have the time of what is done and of what is waited for', () => {
    expect(shown(2, nothing, 2700)).toEqual([
      'done 1.0 s',
      'done 2.0 s',
      'current 2.7 s',
      'ahead',
      'ahead',
    ]);
  });

  it('are all done in an open session', () => {
    const all = ['done 1.0 s', 'done 2.0 s', 'done 3.0 s', 'done 4.0 s', 'done 5.0 s'];
    expect(shown(5, nothing, 9000)).toEqual(all);
  });

  it('stay done when it ends', () => {
    const all = ['done 1.0 s', 'done 2.0 s', 'done 3.0 s', 'done 4.0 s', 'done 5.0 s'];
    expect(shown(5, machine => machine.closed(1006, '', 9000), 9000)).toEqual(all);
  });

  it('know no sign-in where there was none', () => {
    const machine = new SessionMachine();
    machine.start(0);
    machine.message({ type: 'status', step: 'operation-created', elapsedMs: 0 }, 1);
    machine.message({ type: 'status', step: 'gateway-connected', elapsedMs: 0 }, 2);
    machine.message({ type: 'status', step: 'open', elapsedMs: 0 }, 3);
    if (machine.state.phase !== 'open') throw new Error('It is open');
    const stages = stepList(machine.state, 4).map(({ stage }) => stage);
    expect(stages).toEqual(['operation', 'gateway', 'start']);
  });

  it('leave out what a gateway never came to that could not reach its endpoint', () => {
    const refused = (machine: SessionMachine): void => {
      const told = { code: 'gateway-refused', text: 'x' } as const;
      machine.message({ type: 'error', ...told, hint: '', step: 'endpoint-answered' }, 2500);
      machine.message({ type: 'ended', by: 'gateway', ...told, outputBytes: 0 }, 2500);
    };
    expect(shown(1, refused, 9000)).toEqual(['done 1.0 s', 'failed 2.5 s', 'ahead', 'ahead']);
    expect(shown(2, refused, 9000)).toEqual([
      'done 1.0 s',
      'done 2.0 s',
      'failed 2.5 s',
      'ahead',
      'ahead',
    ]);
  });

  it('name the one that failed, and when', () => {
    expect(shown(1, fail, 9000)).toEqual(['done 1.0 s', 'failed 2.5 s', 'ahead', 'ahead', 'ahead']);
  });
});
