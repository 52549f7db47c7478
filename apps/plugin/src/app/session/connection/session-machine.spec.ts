import { Refusal } from '../../ui/refusal';
import { type Ended, mayRetry, SessionMachine, type SessionState } from './session-machine';

function started(): SessionMachine {
  const machine = new SessionMachine();
  machine.start(1000);
  return machine;
}

function opened(): SessionMachine {
  const machine = started();
  machine.message({ type: 'status', step: 'open', elapsedMs: 5 }, 1005);
  return machine;
}

function ended(state: SessionState): Ended {
  if (state.phase !== 'ended') throw new Error(`The session is ${state.phase}`);
  return state;
}

describe('SessionMachine', () => {
  it('passes through the stages and records the time of each', () => {
    const machine = started();
    const stages: string[] = [];
    for (const [index, step] of (
      [
        'operation-created',
        'operation-delivered',
        'gateway-connected',
        'endpoint-answered',
        'signed-in',
      ] as const
    ).entries()) {
      machine.message({ type: 'status', step, elapsedMs: 0 }, 1100 + index * 100);
      if (machine.state.phase === 'connecting') stages.push(machine.state.stage);
    }
    expect(stages).toEqual(['gateway', 'gateway', 'endpoint', 'sign-in', 'start']);
    expect(machine.state).toMatchObject({
      reachedAtMs: { operation: 100, gateway: 300, endpoint: 400, 'sign-in': 500 },
    });
  });

  it('knows whether the endpoint encrypts the session', () => {
    const machine = started();
    machine.message({ type: 'status', step: 'open', elapsedMs: 5, isEncrypted: false }, 1005);
    expect(machine.state).toMatchObject({ phase: 'open', isEncrypted: false });
    machine.closed(1006, '', 1010);
    expect(machine.state).toMatchObject({ phase: 'ended', isEncrypted: false });
  });

  it('reports a desktop as unencrypted until its next session says otherwise', () => {
    const machine = started();
    machine.message({ type: 'status', step: 'open', elapsedMs: 5, isEncrypted: false }, 1005);
    machine.interrupted();
    machine.message({ type: 'status', step: 'operation-created', elapsedMs: 1 }, 1010);
    expect(machine.state).toMatchObject({ phase: 'interrupted', isEncrypted: false });
    machine.message({ type: 'status', step: 'open', elapsedMs: 5, isEncrypted: true }, 1020);
    expect(machine.state).toMatchObject({ phase: 'open', isEncrypted: true });
  });

  it('keeps the operation and the host key through to the end', () => {
    const machine = started();
    const hostKey = {
      type: 'host-key',
      keyType: 'k',
      sha256: 's',
      md5: 'm',
      randomart: '',
      question: false,
      state: 'new',
    } as const;
    machine.message(
      { type: 'status', step: 'operation-created', elapsedMs: 0, operationId: '7' },
      0,
    );
    machine.message(hostKey, 0);
    machine.message({ type: 'status', step: 'open', elapsedMs: 0 }, 0);
    machine.message({ type: 'ended', by: 'target', code: 'normal', text: '', outputBytes: 0 }, 0);
    expect(machine.state).toMatchObject({ operationId: '7', hostKey, wasOpen: true });
  });

  it('keeps a warning about the sign-in through to the end', () => {
    const machine = started();
    const warning = 'unencrypted-sign-in';
    machine.message({ type: 'status', step: 'signed-in', elapsedMs: 0, warning }, 0);
    machine.message({ type: 'status', step: 'open', elapsedMs: 0 }, 0);
    expect(machine.state).toMatchObject({ phase: 'open', warning });
    machine.closed(1000, '', 0);
    expect(machine.state).toMatchObject({ phase: 'ended', warning });
  });

  it('ignores steps that only a newer service knows', () => {
    const machine = started();
    machine.message({ type: 'status', step: 'teleported' as 'open', elapsedMs: 0 }, 0);
    expect(machine.state).toMatchObject({ phase: 'connecting', stage: 'operation' });
  });

  it('records which side ended the session, why, and in which stage', () => {
    const machine = started();
    const text = 'The gateway did not answer in time. It may be offline.';
    machine.message({ type: 'status', step: 'operation-created', elapsedMs: 0 }, 0);
    machine.message(
      { type: 'ended', by: 'gateway', code: 'gateway-timeout', text, outputBytes: 0 },
      0,
    );
    machine.closed(4504, text, 2000);
    const state = ended(machine.state);
    expect(state).toMatchObject({ by: 'gateway', text, wasOpen: false, failedAt: 'gateway' });
    expect(mayRetry(state)).toBe(true);
  });

  it('fails in the stage that the service names, regardless of the last reported step', () => {
    for (const steps of [
      ['operation-created'],
      ['operation-created', 'gateway-connected'],
    ] as const) {
      const machine = started();
      for (const step of steps) machine.message({ type: 'status', step, elapsedMs: 0 }, 0);
      const told = { code: 'gateway-refused', text: 'Refused.' } as const;
      machine.message({ type: 'error', ...told, hint: '', step: 'endpoint-answered' }, 0);
      machine.message({ type: 'ended', by: 'gateway', ...told, outputBytes: 0 }, 0);
      expect(ended(machine.state).failedAt).toBe('endpoint');
    }
  });

  it('takes a reported error as the reason of a close without an ended message', () => {
    const machine = started();
    machine.message({ type: 'error', code: 'sign-in-refused', text: 'No.', hint: '' }, 0);
    machine.closed(1006, '', 2000);
    expect(ended(machine.state)).toMatchObject({ code: 'sign-in-refused', text: 'No.' });
    expect(mayRetry(ended(machine.state))).toBe(false);
  });

  it('takes the reason from a close code of the error catalogue', () => {
    const machine = opened();
    machine.closed(4503, 'The remote access service is being restarted.', 2000);
    expect(ended(machine.state)).toMatchObject({
      by: 'service',
      text: 'The remote access service is being restarted.',
    });
  });

  it('treats an unexplained close as a lost connection', () => {
    const machine = opened();
    machine.closed(1006, '', 2000);
    expect(ended(machine.state)).toMatchObject({ by: 'network', wasOpen: true });
    expect(mayRetry(ended(machine.state))).toBe(true);
  });

  it('ends normally when the user leaves', () => {
    const machine = opened();
    machine.leave(2000);
    machine.closed(1006, '', 2000);
    expect(ended(machine.state)).toMatchObject({ by: 'client', code: 'normal' });
  });

  it('keeps the first reason', () => {
    const machine = opened();
    machine.giveUp('client', 'too-fast', { text: 'Too fast.' }, 1500);
    machine.closed(1000, '', 2000);
    machine.message({ type: 'ended', by: 'target', code: 'normal', text: '', outputBytes: 0 }, 0);
    expect(ended(machine.state)).toMatchObject({ code: 'too-fast' });
  });

  it('ends with the refusal of a ticket', () => {
    const machine = started();
    const refusal = Refusal.of(403, { error: 'remoteaccess/forbidden', message: 'Not you.' });
    machine.refused(refusal, 1500);
    expect(ended(machine.state)).toMatchObject({ by: 'service', code: 'forbidden', refusal });
    expect(mayRetry(ended(machine.state))).toBe(false);
  });

  it('forgets the previous error when it starts again', () => {
    const machine = opened();
    machine.message({ type: 'error', code: 'internal', text: 'x', hint: '' }, 0);
    machine.closed(1011, '', 2000);
    machine.start(2000);
    machine.closed(1006, '', 2000);
    expect(ended(machine.state)).toMatchObject({ by: 'network' });
  });

  it('keeps the times of the stages after the session ends', () => {
    const machine = opened();
    expect(machine.state).toMatchObject({ phase: 'open', reachedAtMs: { operation: 5 } });
    machine.closed(1006, '', 4000);
    expect(machine.state).toMatchObject({ reachedAtMs: { operation: 5 }, endedAfterMs: 3000 });
  });

  it('takes the hint of an error only if the session ends with the same code', () => {
    const told = (code: string): SessionMachine => {
      const machine = started();
      machine.message({ type: 'error', code: 'target-failed', text: 'x', hint: 'Look.' }, 0);
      machine.message({ type: 'ended', by: 'target', code, text: 'x', outputBytes: 0 }, 0);
      return machine;
    };
    expect(ended(told('target-failed').state).hint).toBe('Look.');
    expect(ended(told('idle-timeout').state).hint).toBe('');
  });

  it('knows when the session will end, until it is used again', () => {
    const machine = opened();
    machine.message({ type: 'closing', cause: 'idle', inMs: 60_000 }, 2_000);
    expect(machine.state).toMatchObject({ closing: { cause: 'idle', atMs: 62_000 } });
    machine.message({ type: 'stays-open' }, 3_000);
    expect(machine.state).toMatchObject({ closing: undefined });
    machine.message({ type: 'closing', cause: 'shutdown', inMs: 10_000 }, 3_000);
    machine.message({ type: 'stays-open' }, 4_000);
    expect(machine.state).toMatchObject({ closing: { cause: 'shutdown' } });
  });

  it('keeps the exit status of the program', () => {
    const machine = opened();
    machine.message(
      { type: 'ended', by: 'target', code: 'normal', text: '', outputBytes: 0, exitStatus: 3 },
      0,
    );
    expect(ended(machine.state).exitStatus).toBe(3);
  });

  it('asks a question during an open session until it is answered', () => {
    const machine = opened();
    machine.message({ type: 'prompt', id: 1, title: 'T', instructions: '', prompts: [] }, 0);
    expect(machine.state).toMatchObject({ phase: 'open', question: { id: 1 } });
    machine.answered();
    expect(machine.state).toMatchObject({ phase: 'open', question: undefined });
  });

  it('asks nothing about a known host key', () => {
    const machine = started();
    machine.message(
      {
        type: 'host-key',
        keyType: 'k',
        sha256: 's',
        md5: 'm',
        randomart: '',
        question: false,
        state: 'known',
      },
      0,
    );
    expect(machine.state).not.toHaveProperty('question');
  });
});
