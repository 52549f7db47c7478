import { PassThrough } from 'node:stream';
import type { ClientSide } from './client-side';
import { isLost, ResumeRight, Resumption } from './resumption';

const PAGE = 'https://tenant.example';

function connection(): ClientSide {
  const side = new PassThrough();
  return Object.assign(side, { countFrom: () => undefined, tell: () => undefined }) as never;
}

describe('the right to resume', () => {
  it('is one key, shown from the page that has it', () => {
    const right = new ResumeRight(PAGE, 'first');
    expect(right.isShown(PAGE, ['other', 'first'])).toBe(true);
    expect(right.isShown(PAGE, ['other'])).toBe(false);
    expect(right.isShown(PAGE, [])).toBe(false);
    expect(right.isShown('https://tenant.example.attacker.example', ['first'])).toBe(false);
  });

  it('is used up by each use', () => {
    const right = new ResumeRight(PAGE, 'first');
    right.replace('second');
    expect(right.isShown(PAGE, ['first'])).toBe(false);
    expect(right.isShown(PAGE, ['second'])).toBe(true);
  });

  it('goes to the page that takes the session over', () => {
    const right = new ResumeRight(PAGE, 'first');
    right.transfer('https://other.example', 'second');
    expect(right.isShown(PAGE, ['first', 'second'])).toBe(false);
    expect(right.isShown('https://other.example', ['second'])).toBe(true);
  });
});

describe.each([
  { code: 1000, because: 'the client has finished', running: false, ended: false },
  { code: 1005, because: 'it closed without a code', running: false, ended: false },
  { code: 1001, because: 'the page was reloaded', running: true, ended: true },
  { code: 1006, because: 'the network was lost', running: true, ended: true },
  { code: 4403, because: 'it echoes the code of the end', running: true, ended: false },
])('close code $code: $because', ({ code, running, ended }) => {
  it('leaves the session waiting, or not', () => {
    expect([isLost(code, false), isLost(code, true)]).toEqual([running, ended]);
  });
});

describe('a session that waits for its client', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  function waiting(keepMs = 5_000) {
    const onExpired = jest.fn();
    const right = new ResumeRight(PAGE, 'first');
    const resumption = new Resumption(connection(), { right, keepMs, onExpired });
    resumption.lost();
    return { resumption, onExpired };
  }

  it('ends when the time is over, once', () => {
    const { resumption, onExpired } = waiting();
    jest.advanceTimersByTime(4_999);
    expect([resumption.isWaiting, onExpired.mock.calls.length]).toEqual([true, 0]);
    jest.advanceTimersByTime(60_000);
    expect([resumption.isWaiting, onExpired.mock.calls.length]).toEqual([false, 1]);
  });

  it('does not wait longer because the connection is lost a second time', () => {
    const { resumption, onExpired } = waiting();
    jest.advanceTimersByTime(4_000);
    resumption.lost();
    jest.advanceTimersByTime(1_000);
    expect(onExpired).toHaveBeenCalledTimes(1);
  });

  it('continues with a client that has come back, and counts it', () => {
    const { resumption, onExpired } = waiting();
    expect(resumption.claim(PAGE, ['first'], 'second')).toBeUndefined();
    resumption.resumed(connection(), 0);
    jest.advanceTimersByTime(60_000);
    expect([resumption.count, resumption.isWaiting, onExpired.mock.calls.length]).toEqual([
      1,
      false,
      0,
    ]);
  });

  it('says nothing more than "not found" to a wrong key, which uses nothing up', () => {
    const { resumption } = waiting();
    expect(resumption.claim(PAGE, ['wrong'], 'second')).toMatchObject({
      code: 'session-not-found',
    });
    expect(resumption.claim(PAGE, ['first'], 'second')).toBeUndefined();
    expect(resumption.claim(PAGE, ['first'], 'third')).toMatchObject({ code: 'session-not-found' });
  });

  it.each(['shutting-down', 'not-resumed'] as const)(
    'waits for no last messages after %s',
    async code => {
      const { resumption } = waiting();
      await resumption.lastMessages(code);
      expect(resumption.isWaiting).toBe(false);
    },
  );

  it('keeps the last messages for a client that comes back', async () => {
    const { resumption } = waiting();
    const heard = jest.fn();
    const words = resumption.lastMessages('normal').then(heard);
    await Promise.resolve();
    expect(heard).not.toHaveBeenCalled();
    resumption.left();
    await words;
    expect(heard).toHaveBeenCalledTimes(1);
  });
});
