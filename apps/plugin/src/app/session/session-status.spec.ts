import type { HostKeyMessage } from '@remote-access/contracts';
import { Refusal } from '../ui/refusal';
import type { Hops } from './connection/latency-meter';
import { type Ended, SessionMachine } from './connection/session-machine';
import {
  elapsed,
  endingOf,
  hopWarning,
  hopList,
  hostKeyTag,
  statusOf,
  stepList,
  unencrypted,
} from './session-status';

const END: Ended = {
  phase: 'ended',
  by: 'target',
  code: 'normal',
  text: '',
  hint: '',
  wasOpen: true,
  startedAtMs: 0,
  reachedAtMs: {},
  endedAfterMs: 0,
};

describe('the ending', () => {
  it.each(['client', 'gateway', 'target', 'service', 'platform', 'network'] as const)(
    'has a different heading if %s ended an open session than if it prevented it from opening',
    by => {
      const open = endingOf({ ...END, by }).heading;
      const opening = endingOf({ ...END, by, wasOpen: false }).heading;
      expect(open).not.toEqual(opening);
    },
  );

  it('names the side that ended a session, and what the service says about it', () => {
    expect(endingOf({ ...END, text: 'The program ended.' })).toEqual({
      heading: { text: 'The remote server ended the session' },
      reasons: [{ text: 'The program ended.' }],
    });
  });

  it('is the text of an error, which names the side itself', () => {
    const text = 'The gateway could not connect to the endpoint.';
    const ended = { ...END, by: 'gateway', code: 'gateway-refused', text } as const;
    expect(endingOf(ended)).toEqual({ heading: { text }, reasons: [] });
    const message = { text: 'The VNC server sent data that cannot be shown.' };
    expect(endingOf({ ...END, code: 'not-shown', message })).toEqual({
      heading: message,
      reasons: [],
    });
  });

  it('contains a refusal in words that are translated', () => {
    const told = { text: 'You have 20 sessions; a user may have 20 at a time.' };
    const refusal = new Refusal(429, 'too-many-requests', told);
    const { heading } = endingOf({ ...END, by: 'service', code: 'too-many-requests', refusal });
    expect(heading).toEqual({
      text: 'You have {{ count }} sessions; a user may have {{ limit }} at a time.',
      values: { count: '20', limit: '20' },
    });
  });

  it('says nothing twice when the user ends the session', () => {
    const { heading, reasons } = endingOf({ ...END, by: 'client' });
    expect(heading.text).toBe('Disconnected');
    expect(reasons).toEqual([]);
  });

  it('contains the exit status, even 0, unless the service sent a text', () => {
    const ended = { ...END, exitStatus: 3, text: 'It ended with 3.' };
    expect(endingOf(ended).reasons).toEqual([{ text: 'It ended with 3.' }]);
    expect(endingOf({ ...END, exitStatus: 0 }).reasons).toEqual([
      { text: 'Exit status: {{ status }}.', values: { status: '0' } },
    ]);
  });

  it('contains advice if the platform refused', () => {
    const refusal = Refusal.of(404, undefined);
    const { heading, reasons } = endingOf({ ...END, by: 'platform', code: 'refused', refusal });
    expect([heading, ...reasons]).toEqual([refusal.message, refusal.advice]);
  });
});

describe('the encryption of a session', () => {
  const facts = { startedAtMs: 0, reachedAtMs: {} };

  it('is missing in Telnet, before anything is typed', () => {
    expect(unencrypted('TELNET', { phase: 'idle' })).toMatch(/^Telnet is not encrypted/);
  });

  it('is missing in VNC if the server offers none', () => {
    const open = { phase: 'open', ...facts } as const;
    expect(unencrypted('VNC', open)).toBeUndefined();
    expect(unencrypted('VNC', { ...open, isEncrypted: true })).toBeUndefined();
    expect(unencrypted('VNC', { ...open, isEncrypted: false })).toMatch(/does not encrypt/);
    expect(unencrypted('SSH', { ...open, isEncrypted: false })).toBeUndefined();
  });
});

describe('the host key', () => {
  it('is shown as saved once it is', () => {
    const key = { type: 'host-key', keyType: '', sha256: '', md5: '', randomart: '' } as const;
    const tag = (state: HostKeyMessage['state']) => hostKeyTag({ ...key, state, question: false });
    expect(tag('saved')).toEqual({ text: 'host key saved', look: 'tag--success' });
    expect(tag('unheard of' as 'new')).toEqual(tag('new'));
  });
});

describe('a hop', () => {
  it('is mentioned when it does not answer or read', () => {
    expect(hopWarning({ gateway: 'silent' })).toBe('Gateway not answering');
    expect(hopWarning({ gateway: 'not-reading' })).toBe('Gateway is not reading');
    expect(hopWarning({ gateway: 'answers' })).toBeUndefined();
    expect(hopWarning({})).toBeUndefined();
    expect(hopWarning({ gateway: 'answers', endpoint: 'answers' })).toBeUndefined();
    expect(hopWarning({ gateway: 'answers', endpoint: 'silent' })).toBe('Endpoint not answering');
    expect(hopWarning({ endpoint: 'silent' })).toBe('Endpoint not answering');
    // Nothing is known about what is behind a silent gateway.
    expect(hopWarning({ gateway: 'silent', endpoint: 'silent' })).toBe('Gateway not answering');
  });
});

describe('the hops', () => {
  const latency = { nowMs: 4, p95Ms: 9, unstable: false };

  it('have a separate round trip each, excluding the previous hops', () => {
    const hops = { gatewayMs: 12, endpointMs: 15 };
    expect(hopList({ ...latency, hops })).toEqual([
      { name: 'service', ms: 4 },
      { name: 'gateway', ms: 12 },
      { name: 'endpoint', ms: 3 },
    ]);
  });

  it('are those that were measured', () => {
    expect(hopList({ ...latency, hops: {} })).toEqual([{ name: 'service', ms: 4 }]);
    const early = { gatewayMs: 12, endpointMs: 11 };
    expect(hopList({ ...latency, hops: early }).at(-1)).toEqual({ name: 'endpoint', ms: 0 });
    expect(hopList({ ...latency, nowMs: undefined, hops: {} })).toEqual([]);
  });

  it('end before one that does not answer', () => {
    const measured = { gatewayMs: 12, endpointMs: 15 };
    const names = (hops: Hops) => hopList({ ...latency, hops }).map(({ name }) => name);
    expect(names({ ...measured, gateway: 'silent', endpoint: 'silent' })).toEqual(['service']);
    expect(names({ ...measured, gateway: 'answers', endpoint: 'silent' })).toEqual([
      'service',
      'gateway',
    ]);
  });
});

describe('the status line', () => {
  const question = { type: 'prompt', id: 1, title: '', instructions: '', prompts: [] } as const;
  const facts = { startedAtMs: 0, reachedAtMs: {} };

  it('names what the session is waiting for', () => {
    expect(statusOf({ phase: 'idle' })).toBe('');
    expect(statusOf({ phase: 'connecting', stage: 'gateway', ...facts })).toMatch(/gateway/);
    expect(statusOf({ phase: 'open', ...facts })).toBe('Connected');
    expect(statusOf(END)).toBe('Not connected');
  });

  it('says that the session is waiting for the user', () => {
    const asked = { ...facts, question: { ...question, prompts: [] } };
    expect(statusOf({ phase: 'connecting', stage: 'sign-in', ...asked })).toMatch(/your answer/);
    expect(statusOf({ phase: 'open', ...asked })).toMatch(/your answer/);
  });
});

describe('elapsed', () => {
  it.each([
    [-5, '0.0 s'],
    [340, '0.3 s'],
    [9_949, '9.9 s'],
    [12_700, '12 s'],
    [83_000, '1 min 23 s'],
  ])('formats %p ms as %p', (ms, words) => {
    expect(elapsed(ms)).toBe(words);
  });
});

/** The steps of a session that reaches one step each second and then runs `last`. */
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
  it('show the time of completed steps and of the current one', () => {
    expect(shown(2, nothing, 2700)).toEqual([
      'done 1.0 s',
      'done 2.0 s',
      'current 2.7 s',
      'ahead',
      'ahead',
    ]);
  });

  it('are all done once the session is open', () => {
    const all = ['done 1.0 s', 'done 2.0 s', 'done 3.0 s', 'done 4.0 s', 'done 5.0 s'];
    expect(shown(5, nothing, 9000)).toEqual(all);
  });

  it('stay done when the session ends', () => {
    const all = ['done 1.0 s', 'done 2.0 s', 'done 3.0 s', 'done 4.0 s', 'done 5.0 s'];
    expect(shown(5, machine => machine.closed(1006, '', 9000), 9000)).toEqual(all);
  });

  it('contain no sign-in if there was none', () => {
    const machine = new SessionMachine();
    machine.start(0);
    machine.message({ type: 'status', step: 'operation-created', elapsedMs: 0 }, 1);
    machine.message({ type: 'status', step: 'gateway-connected', elapsedMs: 0 }, 2);
    machine.message({ type: 'status', step: 'open', elapsedMs: 0 }, 3);
    if (machine.state.phase !== 'open') throw new Error('It is open');
    const stages = stepList(machine.state, 4).map(({ stage }) => stage);
    expect(stages).toEqual(['operation', 'gateway', 'start']);
  });

  it('leave out the steps skipped by a gateway that could not reach its endpoint', () => {
    const refused = (machine: SessionMachine): void => {
      const told = { code: 'gateway-refused', text: 'x' } as const;
      machine.message({ type: 'error', ...told, hint: '', step: 'endpoint-answered' }, 2500);
      machine.message({ type: 'ended', by: 'gateway', ...told, outputBytes: 0 }, 2500);
    };
    expect(shown(1, refused, 9000)).toEqual(['done 1.0 s', 'failed 2.5 s']);
    expect(shown(2, refused, 9000)).toEqual(['done 1.0 s', 'done 2.0 s', 'failed 2.5 s']);
  });

  it('end with the step that failed', () => {
    expect(shown(1, fail, 9000)).toEqual(['done 1.0 s', 'failed 2.5 s']);
  });
});
