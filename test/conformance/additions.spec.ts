import { Tenant } from './tenant';

// What this product adds to the contract.
let tenant: Tenant;
beforeAll(async () => (tenant = await Tenant.enter()));
afterAll(() => tenant.leave());
afterEach(() => tenant.tidy());

const telnet = () => ({
  name: tenant.name('addition'),
  hostname: '127.0.0.1',
  port: 23,
  protocol: 'TELNET',
});

it('changes single fields by PATCH', async () => {
  const endpoint = await tenant.create(telnet());
  const path = `${tenant.list}/${endpoint.id}`;
  const { status, body } = await tenant.call('PATCH', path, { port: 2323 });
  expect({ status, body }).toEqual({ status: 200, body: { ...endpoint, port: 2323 } });
});

it('answers errors with a code, a text for the user and a hint', async () => {
  const { body } = await tenant.call('GET', `${tenant.list}/none`);
  expect(body).toEqual({
    error: 'remoteaccess/endpoint-not-found',
    message: expect.any(String),
    info: expect.any(String),
  });
});

it('finds nothing to change in a dry-run import of its own export', async () => {
  const { id } = await tenant.create(telnet());
  const service = '/service/remoteaccess/configurations';
  const { body: rows } = await tenant.call('GET', `${service}/export?deviceIds=${tenant.device}`);
  const ours = (rows as { id: string }[]).filter(row => row.id === id);
  const { body: report } = await tenant.call('POST', `${service}/import?dryRun=true`, ours);
  expect(report).toMatchObject({ dryRun: true, counts: { unchanged: 1, refused: 0 } });
});

it('issues tickets and shows the settings to users who may connect', async () => {
  const { id } = await tenant.create({ ...telnet(), port: 502, protocol: 'PASSTHROUGH' });
  const settings = await tenant.call('GET', '/service/remoteaccess/settings');
  expect(settings).toMatchObject({ status: 200, body: { enabled: true } });
  const path = `/service/remoteaccess/client/${tenant.device}/configurations/${id}/tickets`;
  const { noticeId } = settings.body as { noticeId: string | null };
  const body = noticeId === null ? {} : { noticeAccepted: noticeId };
  expect(await tenant.call('POST', path, body)).toMatchObject({
    status: 201,
    body: { ticket: expect.stringMatching(/^[\w-]{43}$/) },
  });
});
