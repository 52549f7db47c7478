import { PlatformRequests } from '../../apps/microservice/src/platform/platform-requests';
import { rawUpgrade } from '../fixtures/raw-upgrade';
import { basic, Stack } from '../fixtures/stack';

const SETTINGS = '/service/remoteaccess/settings';
/** Failed sign-ins allowed per user name and minute. */
const LIMIT = 10;

let stack: Stack;
beforeEach(async () => (stack = await Stack.start({ agent: false })));
afterEach(() => stack.stop());

async function statuses(count: number, headers: Record<string, string>): Promise<number[]> {
  const seen: number[] = [];
  for (let attempt = 0; attempt < count; attempt += 1) {
    seen.push((await stack.fetch(SETTINGS, { headers })).status);
  }
  return seen;
}

const wrong = (user: string) => ({ authorization: basic(user, 'wrong') });
const refused = (count: number, then: number): number[] => [
  ...Array<number>(LIMIT).fill(401),
  ...Array<number>(count - LIMIT).fill(then),
];

it('too many failed sign-ins are answered with 429 and the usual error body', async () => {
  expect(await statuses(LIMIT + 3, wrong('engineer'))).toEqual(refused(LIMIT + 3, 429));
  const response = await stack.fetch(SETTINGS, { headers: wrong('engineer') });
  expect(await response.json()).toMatchObject({ error: 'remoteaccess/too-many-requests' });
});

it('the platform is not asked while a name is locked', async () => {
  const calls = jest.spyOn(PlatformRequests.prototype, 'send');
  const guesses = Array.from({ length: 200 }, (_, index) => basic('engineer', `guess ${index}`));
  const seen = await Promise.all(
    guesses.map(async authorization => {
      return (await stack.fetch(SETTINGS, { headers: { authorization } })).status;
    }),
  );
  // On a busy machine the platform may be late for some (504), which reveals nothing about a guess.
  const late = seen.filter(status => status === 504).length;
  const wrongGuesses = seen.filter(status => status === 401).length;
  expect(wrongGuesses).toBeLessThanOrEqual(LIMIT);
  expect(wrongGuesses + late).toBeGreaterThanOrEqual(LIMIT);
  const asked = calls.mock.calls.filter(([, { path }]) => path === '/user/currentUser');
  calls.mockRestore();
  expect(asked).toHaveLength(wrongGuesses + late);
  expect(seen.filter(status => status === 429).length).toBeGreaterThan(guesses.length / 2);
});

it("requests that a foreign page causes with a user's cookie do not lock the user out", async () => {
  const { cookie } = await stack.signIn('engineer');
  const caused = async (): Promise<number> =>
    (await fetch(stack.emulator.url + SETTINGS, { headers: { cookie } })).status;
  const seen: number[] = [];
  for (let attempt = 0; attempt < LIMIT + 3; attempt += 1) seen.push(await caused());
  // The ingress adds a header with a stand-in password to each of them, which is refused.
  expect(seen).toEqual(refused(LIMIT + 3, 429));
  const fresh = await stack.signIn('engineer');
  const headers = { cookie: fresh.cookie, 'x-xsrf-token': fresh.xsrfToken };
  expect((await fetch(stack.emulator.url + SETTINGS, { headers })).status).toBe(200);
  expect((await stack.fetch(SETTINGS, { user: 'engineer' })).status).toBe(200);
});

it('signed-in users are not locked out, nor is anyone else', async () => {
  expect((await stack.fetch(SETTINGS, { user: 'engineer' })).status).toBe(200);
  await statuses(LIMIT + 1, wrong('engineer'));
  expect((await stack.fetch(SETTINGS, { user: 'engineer' })).status).toBe(200);
  expect((await stack.fetch(SETTINGS, { user: 'operator' })).status).toBe(200);
  expect(await statuses(1, wrong('operator'))).toEqual([401]);
  expect(await statuses(1, wrong('t1002/engineer'))).toEqual([401]);
});

it('failed tokens count against the name they claim, so forging them throttles nobody else', async () => {
  const forged = (sub: string) => {
    const claims = Buffer.from(JSON.stringify({ ten: 't1001', sub })).toString('base64url');
    return { authorization: `Bearer eyJhbGciOiJIUzI1NiJ9.${claims}.forged` };
  };
  expect(await statuses(LIMIT + 1, forged('ana'))).toEqual(refused(LIMIT + 1, 429));
  expect(await statuses(1, forged('ben'))).toEqual([401]);
});

it('requests without credentials get 401, however many there are', async () => {
  const seen = await statuses(LIMIT + 3, { authorization: '' });
  expect(new Set(seen)).toEqual(new Set([401]));
});

it('REST and WebSocket failures share one limit', async () => {
  await statuses(LIMIT, wrong('engineer'));
  const answer = await rawUpgrade(stack.emulator.url, stack.clientPath('1'), {
    Authorization: basic('engineer', 'wrong'),
  });
  expect(answer.status).toBe(429);
  answer.socket.destroy();
});
