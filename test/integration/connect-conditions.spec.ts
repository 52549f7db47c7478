import type { ShownSettings, Ticket } from '@remote-access/contracts';
import { waitUntil } from '@remote-access/testkit';
import { rawUpgrade } from '../fixtures/raw-upgrade';
import { RawDevice } from '../fixtures/raw-device';
import { basic, Stack } from '../fixtures/stack';

// The conditions that an administrator sets for everybody who connects.
const SETTINGS = '/service/remoteaccess/settings';

let stack: Stack;
let device: RawDevice;
let path: string;

beforeEach(async () => {
  stack = await Stack.start({ agent: false });
  device = new RawDevice(stack);
  const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
  path = stack.clientPath((await stack.addEndpoint(body, '1002')).id, '1002');
});
afterEach(() => stack.stop());

async function set(change: Partial<ShownSettings>): Promise<ShownSettings> {
  const before = await stack.json<ShownSettings>(SETTINGS, { user: 'admin' });
  const body = JSON.stringify({ ...before, ...change });
  return stack.json(SETTINGS, { method: 'PUT', user: 'admin', body });
}

async function askForTicket(body?: unknown): Promise<{ status: number; body: any }> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const init = { method: 'POST', user: 'operator', ...sent };
  const response = await stack.fetch(`${path}/tickets`, init);
  return { status: response.status, body: await response.json() };
}

async function dial(query: string, headers: Record<string, string> = {}) {
  const Host = new URL(stack.emulator.url).host;
  return rawUpgrade(stack.emulator.url, `${path}${query}`, { Host, ...headers });
}

const SIGNED_IN = { Authorization: basic('operator') };

/** The text of the audit record of the session's start, once the gateway has connected. */
async function startText(): Promise<string> {
  const { operation } = await device.serve();
  let text: string | undefined;
  await waitUntil('the start is in the audit', async () => {
    const { auditRecords } = await stack.json<{ auditRecords: any[] }>(
      `/audit/auditRecords?source=${operation.id}&pageSize=100`,
    );
    text = auditRecords.find(({ activity }) => activity === 'Remote access session started')?.text;
    return text !== undefined;
  });
  return text ?? '';
}

describe('remote access that is disabled', () => {
  const OFF = {
    error: 'remoteaccess/remote-access-off',
    message: 'Remote access is switched off for your tenant. Ask your administrator.',
  };

  it('refuses tickets and WebSockets at once, and accepts them again at once', async () => {
    await set({ enabled: false });
    expect(await askForTicket()).toMatchObject({ status: 403, body: OFF });
    const refused = await dial('', SIGNED_IN);
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.body)).toMatchObject(OFF);
    expect(await device.operations()).toEqual([]);

    await set({ enabled: true });
    expect((await askForTicket()).status).toBe(201);
    const admitted = await dial('', SIGNED_IN);
    admitted.socket.destroy();
    expect(admitted.status).toBe(101);
  });

  it('refuses a ticket that was issued before', async () => {
    const { ticket } = (await askForTicket()).body as Ticket;
    await set({ enabled: false });
    const answer = await dial(`?ticket=${ticket}`);
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body)).toMatchObject(OFF);
  });

  it('is reported only to users who may connect, and endpoints can still be edited', async () => {
    await set({ enabled: false });
    const asViewer = await stack.fetch(`${path}/tickets`, { method: 'POST', user: 'viewer' });
    expect(await asViewer.json()).toMatchObject({ error: 'remoteaccess/forbidden' });
    const body = { name: 'New', hostname: 'h', port: 23, protocol: 'TELNET' } as const;
    await expect(stack.addEndpoint(body, '1002')).resolves.toMatchObject({ name: 'New' });
  });
});

describe('a notice', () => {
  it('is accepted by its id in the ticket request, and the audit log says so', async () => {
    const { noticeId } = await set({ notice: 'Recorded for safety.' });
    for (const body of [undefined, {}, { noticeAccepted: true }, { noticeAccepted: 'x' }]) {
      expect(await askForTicket(body)).toMatchObject({
        status: 428,
        body: {
          error: 'remoteaccess/notice-not-accepted',
          message: 'Read and accept this notice first, then connect: Recorded for safety.',
        },
      });
    }
    const { status, body } = await askForTicket({ noticeAccepted: noticeId });
    expect(status).toBe(201);
    const { socket } = await dial(`?ticket=${(body as Ticket).ticket}`);
    expect(await startText()).toContain(`; notice accepted (${noticeId?.slice(0, 12)})`);
    socket.destroy();
  });

  it('that has changed is not covered by the acceptance of the old one', async () => {
    const { noticeId } = await set({ notice: 'Old.' });
    await set({ notice: 'New.' });
    expect((await askForTicket({ noticeAccepted: noticeId })).status).toBe(428);
  });

  it('is not shown by raw clients: they connect, and the audit log says so', async () => {
    await set({ notice: 'Recorded for safety.' });
    const { status, socket } = await dial('', SIGNED_IN);
    expect(status).toBe(101);
    expect(await startText()).toContain('; notice not shown by this client');
    socket.destroy();
  });

  it('that does not exist is not mentioned in the audit log', async () => {
    const { socket } = await dial('', SIGNED_IN);
    expect(await startText()).not.toContain('notice');
    socket.destroy();
  });
});
