import { Stack } from '../fixtures/stack';

const LIST = '/service/remoteaccess/devices/1002/configurations';
const BODY = {
  name: 'Press',
  hostname: '10.0.0.5',
  port: 22,
  protocol: 'SSH',
  credentialsType: 'USER_PASS',
  username: 'root',
  password: 'correct horse',
};

let stack: Stack;
beforeEach(async () => {
  stack = await Stack.start({ agent: false });
  await send('POST', LIST, BODY);
});
afterEach(() => stack.stop());

function send(method: string, path: string, body: object, ifMatch?: string): Promise<Response> {
  const headers: Record<string, string> = ifMatch === undefined ? {} : { 'if-match': ifMatch };
  return stack.fetch(path, { method, body: JSON.stringify(body), headers });
}

async function tag(): Promise<string> {
  return (await stack.fetch(`${LIST}/1`)).headers.get('etag') ?? '';
}

it('an edit of the version that was seen is stored, and returns the next version', async () => {
  const seen = await tag();
  expect(seen).toMatch(/^"v1\.[\w-]+"$/);
  const changed = await send('PUT', `${LIST}/1`, { ...BODY, name: 'Press 4' }, seen);
  expect(changed.status).toBe(200);
  expect(changed.headers.get('etag')).toBe(await tag());
  expect(await tag()).not.toBe(seen);
  const next = await send('PATCH', `${LIST}/1`, { name: 'Press 5' }, await tag());
  expect(next.status).toBe(200);
});

it.each(['PUT', 'PATCH'])(
  'a %s of an older version is refused, naming what changed',
  async method => {
    const seen = await tag();
    await send('PATCH', `${LIST}/1`, { name: 'Theirs', port: 2222, password: 'another one' });
    const body = method === 'PUT' ? { ...BODY, name: 'Mine' } : { name: 'Mine' };
    const refused = await send(method, `${LIST}/1`, body, seen);
    expect(refused.status).toBe(412);
    const { error, message } = (await refused.json()) as Record<string, string>;
    expect(error).toBe('remoteaccess/endpoint-modified');
    expect(message).toContain('changed in the meantime: name, port, password.');
    expect(await (await stack.fetch(`${LIST}/1`)).json()).toMatchObject({
      name: 'Theirs',
      port: 2222,
    });
  },
);

it('without If-Match, or with any version, the last edit wins', async () => {
  await send('PATCH', `${LIST}/1`, { name: 'Theirs' });
  expect((await send('PUT', `${LIST}/1`, { ...BODY, name: 'Mine' })).status).toBe(200);
  expect((await send('PUT', `${LIST}/1`, { ...BODY, name: 'Mine' }, '*')).status).toBe(200);
  const foreign = await send('PUT', `${LIST}/1`, { ...BODY, name: 'Mine' }, '"of another server"');
  expect(foreign.status).toBe(412);
});

it('one of two edits of the same version at the same instant is refused', async () => {
  const seen = await tag();
  const both = await Promise.all(
    ['one', 'two'].map(name => send('PATCH', `${LIST}/1`, { name }, seen)),
  );
  expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
});
