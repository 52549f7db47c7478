import type { Endpoint, EndpointBody, ImportReport } from '@remote-access/contracts';
import { FRAGMENTS } from '@remote-access/contracts/platform';
import { Stack } from '../fixtures/stack';

const SERVICE = '/service/remoteaccess';

const TELNET = { name: 'Console', hostname: 'plc', port: 23, protocol: 'TELNET' } as const;
const SSH: EndpointBody = {
  name: '=cmd|calc',
  hostname: '10.0.0.5',
  port: 22,
  protocol: 'SSH',
  credentialsType: 'USER_PASS',
  username: "-root 'a\"b', ü",
  password: 'correct horse',
  attrs: { rack: 7 },
};

let stack: Stack;
beforeEach(async () => (stack = await Stack.start({ agent: false })));
afterEach(() => stack.stop());

async function answer(response: Response): Promise<{ status: number; body: any }> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}

const exported = async (query: string, user = 'engineer'): Promise<{ status: number; body: any }> =>
  answer(await stack.fetch(`${SERVICE}/configurations/export${query}`, { user }));

async function imported(
  body: string | object[],
  query = '',
  user = 'engineer',
): Promise<{ status: number; body: any }> {
  const type = typeof body === 'string' ? 'text/csv' : 'application/json';
  const init = {
    method: 'POST',
    user,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': type },
  };
  return answer(await stack.fetch(`${SERVICE}/configurations/import${query}`, init));
}

const list = (device: string): Promise<Endpoint[]> =>
  stack.json(`${SERVICE}/devices/${device}/configurations`);

const stored = async (device: string): Promise<unknown> =>
  (await stack.json<any>(`/inventory/managedObjects/${device}`, { user: 'admin' }))[FRAGMENTS.list];

describe('an export', () => {
  beforeEach(async () => {
    await stack.addEndpoint(TELNET, '1001');
    await stack.addEndpoint(SSH, '1002');
  });

  it('contains the endpoints of all gateways, or of the named ones, and no secrets', async () => {
    const all = await exported('');
    expect(all.body).toEqual([
      expect.objectContaining({ deviceId: '1001', deviceName: 'Factory gateway', ...TELNET }),
      expect.objectContaining({ deviceId: '1002', id: '1', username: SSH.username }),
    ]);
    const named = await exported('?format=json&deviceIds=1002,1002');
    expect(named.body.map(({ deviceId }: any) => deviceId)).toEqual(['1002']);
    for (const query of ['', '?format=csv']) {
      expect(JSON.stringify((await exported(query)).body)).not.toMatch(/\{cipher\}|correct horse/);
    }
  });

  it('in CSV contains nothing that a spreadsheet would run', async () => {
    const { status, body } = await exported('?format=csv&deviceIds=1002');
    expect(status).toBe(200);
    expect(body.split('\r\n')[1]).toBe(
      `"1002","Spare gateway","1","'=cmd|calc","10.0.0.5","22","SSH","USER_PASS","'-root 'a""b', ü",` +
        `${'"",'.repeat(15)}"{""rack"":7}",""`,
    );
  });

  it('shows only what the caller may see', async () => {
    expect((await exported('', 't1002/admin')).body).toEqual([]);
    expect(await exported('?deviceIds=1001', 't1002/admin')).toMatchObject({
      status: 404,
      body: { message: 'The device 1001 does not exist, or you do not have access to it.' },
    });
    expect((await exported('', 'viewer')).status).toBe(403);
  });

  it.each([
    ['?format=xml', 'format must be csv or json.'],
    ['?deviceIds=', 'deviceIds must list 1 to 500 devices.'],
    ['?deviceIds=1/2', 'Not a device id: 1/2.'],
    [`?deviceIds=${'.'.repeat(900)}`, `Not a device id: ${'.'.repeat(60)}….`],
    ['?deviceIds=.1,.2,.3,.4,.5,.6,.7', 'Not a device id: .1, .2, .3, .4, .5 and 2 more.'],
  ])('%s is refused', async (query, message) => {
    expect(await exported(query)).toMatchObject({ status: 400, body: { message } });
  });
});

describe('an import', () => {
  it('of an export changes nothing, in either format', async () => {
    await stack.addEndpoint(TELNET, '1001');
    await stack.addEndpoint(SSH, '1002');
    const before = [await stored('1001'), await stored('1002')];
    for (const format of ['csv', 'json']) {
      const file = (await exported(`?format=${format}`)).body;
      const { status, body } = await imported(file);
      expect(status).toBe(200);
      expect(body.counts).toEqual({ added: 0, changed: 0, unchanged: 2, refused: 0 });
    }
    expect([await stored('1001'), await stored('1002')]).toEqual(before);
  });

  it('adds and changes endpoints line by line, and a refused line does not stop the others', async () => {
    await stack.addEndpoint(TELNET, '1001');
    const file = [
      'deviceId;id;name;hostname;port;protocol;username;password',
      '1001;1;Renamed;plc;23;TELNET;;',
      '',
      '1002;;Shell;10.0.0.5;22;SSH;root;=secret',
      '1002;;"Two',
      'lines";h;23;TELNET;;',
      '1002;;Gone;h;99999;TELNET;;',
      '1002;7;None;h;23;TELNET;;',
      '4711;;None;h;23;TELNET;;',
      ';;None;h;23;TELNET;;',
      '1002;;Short',
      '1002;;Last;h;23;TELNET;;',
      '1002;;Last;h;24;TELNET;;',
    ].join('\r\n');
    const csv = file
      .replace('protocol', 'protocol;credentialsType')
      .replaceAll('SSH;', 'SSH;USER_PASS;')
      .replaceAll('TELNET;', 'TELNET;;');
    const { body } = await imported(csv);
    const report = body as ImportReport;
    expect(report.lines.map(({ line, outcome, message }) => [line, outcome, message])).toEqual([
      [2, 'changed', undefined],
      [4, 'added', undefined],
      [5, 'refused', 'name must not contain line breaks or control characters'],
      [7, 'refused', 'port must be a whole number from 1 to 65535'],
      [8, 'refused', 'The endpoint does not exist. It may have been removed.'],
      [9, 'refused', 'The device does not exist, or you do not have access to it.'],
      [10, 'refused', 'deviceId must be given'],
      [11, 'refused', 'The line has 3 cells, but the header has 9'],
      [12, 'added', undefined],
      [13, 'refused', 'An endpoint with this name exists already; give its id, 2, to change it'],
    ]);
    expect(report.counts).toEqual({ added: 2, changed: 1, unchanged: 0, refused: 7 });
    expect((await list('1001')).map(({ name }) => name)).toEqual(['Renamed']);
    expect((await list('1002')).map(({ name }) => name)).toEqual(['Shell', 'Last']);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('changes nothing in a dry run, but reports the same outcomes', async () => {
    await stack.addEndpoint(TELNET, '1001');
    const before = await stored('1001');
    const rows = [
      { deviceId: '1001', id: '1', name: 'Renamed' },
      { deviceId: '1001', ...TELNET, name: 'New' },
      { deviceId: '1001', ...TELNET, name: 'New' },
    ];
    const { body: trial } = await imported(rows, '?dryRun=true');
    expect(await stored('1001')).toEqual(before);
    const { body: real } = await imported(rows);
    expect(trial).toMatchObject({ dryRun: true, counts: real.counts });
    expect(real.counts).toEqual({ added: 1, changed: 1, unchanged: 0, refused: 1 });
    expect(trial.lines[0].changed).toEqual(['name']);
    expect(real.lines.map((line: any) => line.changed)).toEqual([['name'], undefined, undefined]);
    const outcomes = ({ lines }: ImportReport) => lines.map(({ outcome }) => outcome);
    expect(outcomes(trial)).toEqual(outcomes(real));
    const { auditRecords } = await stack.json<any>('/audit/auditRecords?source=1001&pageSize=100', {
      user: 'admin',
    });
    const texts = auditRecords.map(({ text }: any) => text);
    expect(texts.filter((text: string) => text.includes('"Renamed"'))).toHaveLength(1);
    expect(texts.filter((text: string) => text.includes('"New"'))).toHaveLength(1);
  });

  it('for one gateway needs no deviceId column, and refuses lines for another gateway', async () => {
    const csv = 'name,hostname,port,protocol\nConsole,plc,23,TELNET\n';
    expect((await imported(csv, '?deviceId=1002')).body.counts).toMatchObject({ added: 1 });
    const rows = [
      { ...TELNET, name: 'Second' },
      { ...TELNET, name: 'Elsewhere', deviceId: '1001' },
    ];
    const { body } = await imported(rows, '?deviceId=1002');
    expect(body.lines).toMatchObject([
      { deviceId: '1002', outcome: 'added' },
      {
        deviceId: '1001',
        outcome: 'refused',
        message: 'The line is for gateway 1001, but the import is for gateway 1002',
      },
    ]);
    expect((await list('1002')).map(({ name }) => name)).toEqual(['Console', 'Second']);
    expect(await list('1001')).toEqual([]);
    expect(await imported([], '?deviceId=1/2')).toMatchObject({
      status: 400,
      body: { message: 'deviceId must be the id of a device.' },
    });
  });

  it('sends no stored password to a new host', async () => {
    await stack.addEndpoint(SSH, '1002');
    const rows = [{ deviceId: '1002', id: '1', hostname: 'evil' }];
    const { body } = await imported(rows);
    expect(body.lines[0]).toMatchObject({
      outcome: 'refused',
      message: 'Enter the password again: the stored one is not kept with a new host',
    });
  });

  it('needs the permission to configure each gateway', async () => {
    const rows = [{ deviceId: '1001', ...TELNET }];
    expect((await imported(rows, '', 'operator')).status).toBe(403);
    expect((await imported(rows, '', 't1002/admin')).body.lines[0]).toMatchObject({
      outcome: 'refused',
      code: 'device-not-found',
    });
  });

  it.each([
    ['an unknown column', 'deviceId,pasword\r\n1,x', 400, 'Unknown column: pasword.'],
    ['a duplicate column', 'deviceId,name,name\r\n', 400, 'Duplicate column: name.'],
    ['a column three times', 'deviceId,name,name,name\r\n', 400, 'Duplicate column: name.'],
    ['a million commas', ','.repeat(1_000_000), 400, 'Unknown column: (empty).'],
    ['a long column', 'x'.repeat(1_000_000), 400, `Unknown column: ${'x'.repeat(60)}….`],
    [
      'a hundred columns',
      Array.from({ length: 100 }, (_, at) => `c${at}`).join(','),
      400,
      'Unknown column: c0, c1, c2, c3, c4 and 95 more.',
    ],
    ['no device column', 'name\r\nx', 400, 'The column deviceId is missing.'],
    ['no content', '\ufeff', 400, 'The file is empty.'],
    ['an open quote', 'deviceId\r\n"1', 400, expect.stringMatching(/^Line 2: unbalanced quotes/)],
    ['too many lines', `deviceId\n${'1\n'.repeat(1_001)}`, 413, expect.any(String)],
    ['too many bytes', `deviceId\n${'x'.repeat(1_100_000)}`, 413, expect.any(String)],
  ])('of a file with %s is refused as a whole', async (_name, file, status, message) => {
    expect(await imported(file)).toMatchObject({ status, body: { message } });
  });

  it('of a line with many long, unknown names is answered briefly', async () => {
    const names = Array.from({ length: 1_000 }, (_, at) => [`field${at}`, 1]);
    const long = 'x'.repeat(100_000);
    const { body } = await imported(
      [Object.fromEntries(names), { [long]: 1 }, { deviceId: long }],
      '?deviceId=1001',
    );
    expect((body as ImportReport).lines.map(({ message }) => message)).toEqual([
      'Unknown field: field0, field1, field2, field3, field4 and 995 more',
      `Unknown field: ${'x'.repeat(60)}…`,
      `The line is for gateway ${'x'.repeat(60)}…, but the import is for gateway 1001`,
    ]);
  });

  it('accepts CSV only at its own address, and refuses an invalid dryRun', async () => {
    const init = {
      method: 'PUT',
      user: 'admin',
      body: 'x',
      headers: { 'content-type': 'text/csv' },
    };
    expect((await stack.fetch(`${SERVICE}/settings`, init)).status).toBe(415);
    expect(await imported([], '?dryRun=yes')).toMatchObject({
      status: 400,
      body: { message: 'dryRun must be true or false.' },
    });
  });
});
