import { once } from 'node:events';
import type { EndpointBody } from '@remote-access/contracts';
import type { AuditRecord } from '@remote-access/contracts/platform';
import {
  startScriptedVnc,
  startSshd,
  startTelnetd,
  tcpTarget,
  waitUntil,
  type ScriptedVnc,
  type Sshd,
  type TcpTarget,
  type Telnetd,
} from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { Received } from '../fixtures/raw-device';
import { basic, GATEWAY, Stack } from '../fixtures/stack';
import { VncViewer } from '../fixtures/vnc-viewer';

const LIST = `/service/remoteaccess/devices/${GATEWAY}/configurations`;

let sshd: Sshd;
let telnetd: Telnetd;
let vnc: ScriptedVnc;
let echo: TcpTarget;
beforeAll(async () => {
  [sshd, telnetd, vnc, echo] = await Promise.all([
    startSshd(),
    startTelnetd(),
    startScriptedVnc({ version: '003.008' }),
    tcpTarget(),
  ]);
});
afterAll(() => Promise.all([sshd, telnetd, vnc, echo].map(server => server.stop())));

// Other files run in one of the two modes, chosen by the hash of their names. What a tenant cannot
// do without is tested in both modes in every run.
describe.each([
  ['hosted by the platform', true],
  ['outside of its hosting', false],
])('a service %s', (_name, asHosted) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.start({ asHosted });
  }, 30_000);
  afterAll(() => stack.stop(), 15_000);

  const idOf = async (
    port: number,
    body: Pick<EndpointBody, 'protocol'> & Partial<EndpointBody>,
  ): Promise<string> =>
    (await stack.addEndpoint({ name: 'Machine', hostname: '127.0.0.1', port, ...body })).id;

  it('knows callers by password, token and cookie, and nobody else', async () => {
    const { cookie, xsrfToken, accessToken } = await stack.signIn('operator');
    const statusOf = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(stack.emulator.url + LIST, { headers })).status;
    expect(await statusOf({ authorization: basic('operator') })).toBe(200);
    expect(await statusOf({ authorization: `Bearer ${accessToken}` })).toBe(200);
    expect(await statusOf({ cookie, 'x-xsrf-token': xsrfToken })).toBe(200);
    expect(await statusOf({ cookie })).toBe(401);
    expect(await statusOf({ authorization: basic('operator', 'wrong') })).toBe(401);
    expect(await statusOf({ authorization: basic('viewer') })).toBe(403);
    expect(await statusOf({})).toBe(401);
  });

  it('opens a shell with a ticket, and records it', async () => {
    const id = await idOf(sshd.port, {
      protocol: 'SSH',
      credentialsType: 'KEY_PAIR',
      username: sshd.userName,
      privateKey: sshd.privateKey,
      hostKey: sshd.hostKeys[0]!,
    });
    const client = await stack.connectTerminal(id);
    await client.reaches('open');
    client.type('echo in the $((40 + 2)) shell; exit\n');
    await client.closed();
    expect(client.text).toContain('in the 42 shell');
    await waitUntil('the audit record of the end', async () => {
      const { auditRecords } = await stack.json<{ auditRecords: AuditRecord[] }>(
        '/audit/auditRecords?type=Operation&pageSize=100&revert=true',
        { user: 'admin' },
      );
      return auditRecords.some(
        ({ activity, user }) => activity.includes('ended') && user === 'operator',
      );
    });
  });

  it('opens a Telnet session', async () => {
    const client = await stack.connectTerminal(await idOf(telnetd.port, { protocol: 'TELNET' }));
    await client.reads('login: ');
    client.disconnect();
    await client.closed();
  });

  it('opens a desktop', async () => {
    const { socket } = await stack.connectTerminal(await idOf(vnc.port, { protocol: 'VNC' }));
    const received = new Received(socket);
    const viewer = new VncViewer(received);
    await viewer.offeredTypes();
    expect(await viewer.open()).toMatchObject({ name: 'Scripted' });
    await received.leave();
  });

  it('carries bytes for a program, and for a page signed in with a cookie', async () => {
    const id = await idOf(echo.port, { protocol: 'PASSTHROUGH' });
    const { cookie, xsrfToken } = await stack.signIn('operator');
    const path = `${stack.clientPath(id)}?XSRF-TOKEN=${xsrfToken}`;
    const page = new WebSocket(stack.webSocketUrl(path), {
      headers: { cookie, origin: stack.emulator.url },
    });
    await once(page, 'open');
    for (const socket of [page, await stack.connectRaw(id)]) {
      const received = new Received(socket);
      received.send(Buffer.from('hello'));
      expect(String(await received.has(5))).toBe('hello');
      await received.leave();
    }
  });

  it('refuses a page of another origin', async () => {
    const id = await idOf(echo.port, { protocol: 'PASSTHROUGH' });
    const { cookie, xsrfToken } = await stack.signIn('operator');
    const path = `${stack.clientPath(id)}?XSRF-TOKEN=${xsrfToken}`;
    const page = new WebSocket(stack.webSocketUrl(path), {
      headers: { cookie, origin: 'https://elsewhere.example' },
    });
    const [error] = (await once(page, 'error')) as [Error];
    expect(error.message).toContain('403');
  });
});
