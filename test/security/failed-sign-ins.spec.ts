import { rawUpgrade } from '../fixtures/raw-upgrade';
import { basic, Stack } from '../fixtures/stack';

const SETTINGS = '/service/remoteaccess/settings';
/** What one name may fail in a minute. */
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

it('who fails too often is slowed, with the body that every error has', async () => {
  expect(await statuses(LIMIT + 3, wrong('engineer'))).toEqual(refused(LIMIT + 3, 429));
  const response = await stack.fetch(SETTINGS, { headers: wrong('engineer') });
  expect(await response.json()).toMatchObject({ error: 'remoteaccess/too-many-requests' });
});

it('the right password is served all the same, and so are other names', async () => {
  await statuses(LIMIT + 1, wrong('engineer'));
  expect((await stack.fetch(SETTINGS, { user: 'engineer' })).status).toBe(200);
  expect((await stack.fetch(SETTINGS, { user: 'operator' })).status).toBe(200);
  expect(await statuses(1, wrong('operator'))).toEqual([401]);
  expect(await statuses(1, wrong('t1002/engineer'))).toEqual([401]);
});

it('tokens count by the name that they claim, so that a forger slows nobody else', async () => {
  const forged = (sub: string) => {
    const claims = Buffer.from(JSON.stringify({ ten: 't1001', sub })).toString('base64url');
    return { authorization: `Bearer eyJhbGciOiJIUzI1NiJ9.${claims}.forged` };
  };
  expect(await statuses(LIMIT + 1, forged('ana'))).toEqual(refused(LIMIT + 1, 429));
  expect(await statuses(1, forged('ben'))).toEqual([401]);
});

it('who comes without credentials is told to sign in, however often', async () => {
  const seen = await statuses(LIMIT + 3, { authorization: '' });
  expect(new Set(seen)).toEqual(new Set([401]));
});

it('REST and WebSockets count together', async () => {
  await statuses(LIMIT, wrong('engineer'));
  const answer = await rawUpgrade(stack.emulator.url, stack.clientPath('1'), {
    Authorization: basic('engineer', 'wrong'),
  });
  expect(answer.status).toBe(429);
  answer.socket.destroy();
});
