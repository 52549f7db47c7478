import type { IncomingMessage } from 'node:http';
import { BlockList } from 'node:net';
import { isRefusal } from '@remote-access/contracts';
import { CallerCredentials } from '../platform/caller-credentials';
import { FailedSignIns, AttemptLimit } from './guess-limits';

const trustedProxies = new BlockList();
trustedProxies.addSubnet('10.0.0.0', 8);

const MINUTE_MS = 60_000;

function credentials(
  user: string,
  password: string,
  forwardedFor?: string,
  realIp?: string,
): CallerCredentials {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const headers = { authorization, 'x-forwarded-for': forwardedFor, 'x-real-ip': realIp };
  const request = { headers, url: '/', socket: { remoteAddress: '10.0.0.1' } };
  return CallerCredentials.from(request as unknown as IncomingMessage)!;
}

describe('FailedSignIns', () => {
  let now: number;
  let signIns: FailedSignIns;
  let guesses: number;
  beforeEach(() => {
    now = 0;
    guesses = 0;
    signIns = new FailedSignIns({ trustedProxies }, () => now);
  });

  /** Signs in with a new wrong password. @returns whether the platform was asked */
  function guess(user = 'ana', forwardedFor?: string, realIp?: string): boolean {
    guesses += 1;
    const attempt = signIns.begin(credentials(user, `wrong ${guesses}`, forwardedFor, realIp));
    if (isRefusal(attempt)) return false;
    attempt('bad');
    return true;
  }

  /** How many of 200 guesses the platform was asked about. */
  function asked(user?: string, forwardedFor?: string): number {
    return Array.from({ length: 200 }, () => guess(user, forwardedFor)).filter(Boolean).length;
  }

  function signIn(user: string, password = 'right'): boolean {
    const attempt = signIns.begin(credentials(user, password));
    if (isRefusal(attempt)) return false;
    attempt('good');
    return true;
  }

  it('asks about ten guesses, then about none for a minute', () => {
    expect(asked()).toBe(10);
    now = MINUTE_MS - 1;
    expect(asked()).toBe(0);
    now = MINUTE_MS;
    expect(asked()).toBe(1);
  });

  it.each([3_600_000, -3_600_000])('keeps a lock when the clock is moved by %i ms', movedMs => {
    signIns = new FailedSignIns({ trustedProxies });
    expect(asked()).toBe(10);
    const moved = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + movedMs);
    const refusal = signIns.begin(credentials('ana', 'right'));
    moved.mockRestore();
    expect(isRefusal(refusal) && refusal.message).toMatch(/Try again in (59|60) s\./);
  });

  it('doubles the wait each time, up to a quarter of an hour', () => {
    asked();
    const waits: number[] = [];
    for (let lock = 0; lock < 6; lock += 1) {
      const lockedAt = now;
      while (!guess()) now += MINUTE_MS;
      waits.push((now - lockedAt) / MINUTE_MS);
    }
    expect(waits).toEqual([1, 2, 4, 8, 15, 15]);
  });

  it('says how long to wait', () => {
    asked();
    now = 15_500;
    expect(signIns.begin(credentials('ana', 'x'))).toMatchObject({
      code: 'too-many-requests',
      message: 'Too many failed sign-ins. Try again in 45 s.',
    });
  });

  it('never refuses a user who has signed in before, and does not count that sign-in', () => {
    expect(signIn('ana')).toBe(true);
    asked();
    expect(signIn('ana')).toBe(true);
    expect(signIn('ana', 'right, but not used before')).toBe(false);
    // A token that has expired, for example: asking again with it is not a guess.
    signIn('ben');
    for (let review = 0; review < 50; review += 1) {
      const attempt = signIns.begin(credentials('ben', 'right'));
      if (!isRefusal(attempt)) attempt('bad');
    }
    expect(signIn('ben', 'renewed')).toBe(true);
  });

  it('asks about at most ten different guesses at the same time', () => {
    const attempts = Array.from({ length: 40 }, (_, index) =>
      signIns.begin(credentials('ana', `guess ${index}`)),
    );
    expect(attempts.filter(attempt => !isRefusal(attempt))).toHaveLength(10);
    for (const attempt of attempts) if (!isRefusal(attempt)) attempt('unknown');
    expect(asked()).toBe(10);
  });

  it('lets a page send many requests with the same new token', () => {
    const attempts = Array.from({ length: 40 }, () => signIns.begin(credentials('ana', 'new')));
    expect(attempts.filter(isRefusal)).toEqual([]);
  });

  it('counts each name separately, and starts over when its user signs in', () => {
    asked('ana');
    expect(guess('ben')).toBe(true);
    expect(guess('t1002/ana')).toBe(true);
    for (let count = 0; count < 8; count += 1) guess('ben');
    signIn('ben');
    expect(asked('ben')).toBe(10);
  });

  it('counts addresses that trusted proxies forward, regardless of the names', () => {
    const from = (address: string, count: number) =>
      Array.from({ length: count }, (_, index) => guess(`user ${address} ${index}`, address));
    expect(from('203.0.113.9', 150).filter(Boolean)).toHaveLength(100);
    expect(guess('another', '203.0.113.9, 10.1.1.1')).toBe(false);
    // The first entry is what the client claims.
    expect(guess('another', '203.0.113.9, 198.51.100.7')).toBe(true);
    expect(from('10.2.3.4', 150).filter(Boolean)).toHaveLength(150);
    expect(from('nonsense', 150).filter(Boolean)).toHaveLength(150);
    now = MINUTE_MS;
    expect(guess('another', '203.0.113.9')).toBe(true);
  });

  it('counts the address in X-Real-Ip, which the platform forwards instead', () => {
    const from = (realIp: string, forwardedFor?: string) =>
      Array.from({ length: 150 }, (_, index) => guess(`${realIp} ${index}`, forwardedFor, realIp));
    expect(from('203.0.113.9').filter(Boolean)).toHaveLength(100);
    expect(from('10.2.3.4').filter(Boolean)).toHaveLength(150);
    // X-Forwarded-For says more: it lists the proxies too.
    expect(from('203.0.113.9', '10.2.3.4').filter(Boolean)).toHaveLength(150);
  });

  it('forgets names after an hour without a failure', () => {
    asked();
    now = 60 * MINUTE_MS + 1;
    expect(asked()).toBe(10);
  });

  it('remembers a bounded number of names', () => {
    asked('ana');
    for (let count = 0; count < 10_000; count += 1) guess(`other ${count}`);
    expect(guess('ana')).toBe(true);
  });
});

describe('AttemptLimit', () => {
  let now = 0;
  const limit = (): AttemptLimit => new AttemptLimit(() => now);
  beforeEach(() => (now = 0));

  it('allows ten failures of a name per minute', () => {
    const attempts = limit();
    const answers = Array.from({ length: 12 }, () => attempts.failed('ana'));
    expect(answers).toEqual([...Array<boolean>(10).fill(false), true, true]);
  });

  it('counts each name separately', () => {
    const attempts = limit();
    for (let count = 0; count < 20; count += 1) attempts.failed('ana');
    expect(attempts.failed('ben')).toBe(false);
  });

  it('starts over after a minute', () => {
    const attempts = limit();
    for (let count = 0; count < 20; count += 1) attempts.failed('ana');
    now = 60_000;
    expect(attempts.failed('ana')).toBe(false);
  });

  it.each([3_600_000, -3_600_000])('keeps counting when the clock is moved by %i ms', movedMs => {
    const attempts = new AttemptLimit();
    for (let count = 0; count < 10; count += 1) attempts.failed('ana');
    const moved = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + movedMs);
    expect(attempts.failed('ana')).toBe(true);
    moved.mockRestore();
  });

  it('counts a bounded number of names, and drops the least active ones first', () => {
    const attempts = limit();
    for (let count = 0; count < 10; count += 1) attempts.failed('ana');
    for (let count = 0; count < 9_999; count += 1) attempts.failed(`stranger ${count}`);
    expect(attempts.failed('ana')).toBe(true);
    for (let count = 0; count < 10_001; count += 1) attempts.failed(`other ${count}`);
    expect(attempts.failed('ana')).toBe(false);
  });
});
