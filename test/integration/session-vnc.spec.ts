import { generateKeyPairSync } from 'node:crypto';
import type { Endpoint } from '@remote-access/contracts';
import {
  startX11vnc,
  startXvnc,
  tcpTarget,
  uint32,
  waitUntil,
  type Xvnc,
} from '@remote-access/testkit';
import { Received } from '../fixtures/raw-device';
import { GATEWAY, Stack } from '../fixtures/stack';
import { VncViewer } from '../fixtures/vnc-viewer';

const PASSWORD = 'panel-12';

let stack: Stack;
let server: Xvnc | undefined;

beforeAll(async () => {
  stack = await Stack.start();
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(() => stack.stop(), 15_000);

async function endpointOf(port: number, credentials: object): Promise<string> {
  const body = { name: 'Panel', hostname: '127.0.0.1', port, protocol: 'VNC' as const };
  return (await stack.addEndpoint({ ...body, ...credentials })).id;
}

describe.each(['raw', 'v1'] as const)('a %s viewer', language => {
  let received: Received;
  const connect = async (id: string): Promise<VncViewer> => {
    const isRaw = language === 'raw';
    const socket = isRaw ? await stack.connectRaw(id) : (await stack.connectTerminal(id)).socket;
    received = new Received(socket);
    return new VncViewer(received);
  };
  afterEach(() => received.leave());

  it('reaches the screen of a password-protected server without knowing the password', async () => {
    server = await startXvnc({ securityTypes: ['VncAuth'], password: PASSWORD });
    const id = await endpointOf(server.port, { credentialsType: 'PASS_ONLY', password: PASSWORD });
    const viewer = await connect(id);
    expect(await viewer.offeredTypes()).toEqual([1]);
    const screen = await viewer.open();
    expect(screen).toMatchObject({ width: 640, height: 480 });
    expect((await viewer.firstBytes(16 + 640 * 480 * 4, screen))[0]).toBe(0);
  });

  it('reaches the screen of a server without a password', async () => {
    server = await startXvnc({ securityTypes: ['None'] });
    const viewer = await connect(await endpointOf(server.port, { credentialsType: 'NONE' }));
    expect(await viewer.offeredTypes()).toEqual([1]);
    expect(await viewer.open()).toMatchObject({ width: 640, height: 480 });
  });

  it('is asked for the password by the server itself if none is stored', async () => {
    server = await startXvnc({ securityTypes: ['VncAuth'], password: PASSWORD });
    const viewer = await connect(await endpointOf(server.port, { credentialsType: 'NONE' }));
    expect(await viewer.offeredTypes()).toEqual([2]);
  });
});

describe('a wrong stored password', () => {
  const reason =
    'Could not sign in to the VNC server on endpoint "Panel". The server says "Authentication failure".';
  let id: string;

  beforeEach(async () => {
    server = await startXvnc({ securityTypes: ['VncAuth'], password: PASSWORD });
    id = await endpointOf(server.port, { credentialsType: 'PASS_ONLY', password: 'wrong' });
  });

  it('is reported to a raw viewer over RFB and in the close reason', async () => {
    const received = new Received(await stack.connectRaw(id));
    const viewer = new VncViewer(received);
    expect(await viewer.offeredTypes()).toEqual([1]);
    expect(await viewer.refusal()).toBe(reason);
    expect(await received.closed()).toMatchObject({ code: 4424, reason });
  });

  it('is reported to the browser, which never sees an open session', async () => {
    const client = await stack.connectTerminal(id);
    expect(await client.message('error')).toMatchObject({ code: 'sign-in-refused', text: reason });
    await client.closed();
    expect(client.closeCode).toBe(4424);
    expect(client.output).toHaveLength(0);
    const steps = client.messages.flatMap(m => (m.type === 'status' ? [m.step] : []));
    expect(steps.at(-1)).toBe('endpoint-answered');
  });
});

describe('a server that encrypts', () => {
  it.each(['TLSVnc', 'X509Vnc'] as const)('with %s still shows its screen', async type => {
    server = await startXvnc({ securityTypes: [type], password: PASSWORD });
    const id = await endpointOf(server.port, { credentialsType: 'PASS_ONLY', password: PASSWORD });
    const received = new Received(await stack.connectRaw(id));
    const viewer = new VncViewer(received);
    expect(await viewer.offeredTypes()).toEqual([1]);
    const screen = await viewer.open();
    expect((await viewer.firstBytes(16 + 640 * 480 * 4, screen))[0]).toBe(0);
    await received.leave();
  });

  it('asks a viewer in the browser for a password that is not stored', async () => {
    server = await startXvnc({ securityTypes: ['TLSVnc'], password: PASSWORD });
    const client = await stack.connectTerminal(await endpointOf(server.port, {}));
    const received = new Received(client.socket);
    const { id, title, prompts } = await client.message('prompt');
    expect({ title, prompts }).toEqual({
      title: 'Sign in to "Panel"',
      prompts: [{ text: 'Password', echo: false }],
    });
    received.socket.send(JSON.stringify({ type: 'answers', id, answers: [PASSWORD] }));
    const viewer = new VncViewer(received);
    expect(await viewer.offeredTypes()).toEqual([1]);
    expect(await viewer.open()).toMatchObject({ width: 640, height: 480 });
    await received.leave();
  });

  it('tells a raw client what is missing', async () => {
    server = await startXvnc({
      securityTypes: ['Plain'],
      plainUser: { name: 'ana', password: 'p' },
    });
    const id = await endpointOf(server.port, {
      credentialsType: 'PASS_ONLY',
      password: PASSWORD,
      allowUnencryptedSignIn: true,
    });
    const received = new Received(await stack.connectRaw(id));
    const { code, reason } = await received.closed();
    expect(code).toBe(4424);
    expect(reason).toMatch(/asks for a user name and a password/);
  });

  it('is recognized by the key that a user saved, and refused with another key', async () => {
    server = await startXvnc({ securityTypes: ['X509Vnc'], password: PASSWORD });
    const credentials = { credentialsType: 'PASS_ONLY', password: PASSWORD };
    const id = await endpointOf(server.port, credentials);
    const first = await stack.connectTerminal(id, 'engineer');
    expect(await first.message('host-key')).toMatchObject({ state: 'new', question: true });
    first.socket.send(JSON.stringify({ type: 'host-key-answer', answer: 'save' }));
    await first.reaches('open');
    expect(first.messages).toContainEqual(
      expect.objectContaining({ step: 'open', isEncrypted: true }),
    );
    await new Received(first.socket).leave();
    const path = `/service/remoteaccess/devices/${GATEWAY}/configurations/${id}`;
    const hostKey = async (): Promise<string | null> =>
      (await stack.json<Endpoint>(path)).credentials.hostKey;
    await waitUntil('the key is saved', async () => (await hostKey()) !== null);
    expect(await hostKey()).toMatch(/^ssh-rsa [A-Za-z0-9+/=]+$/);

    const again = await stack.connectTerminal(id);
    expect(await again.message('host-key')).toMatchObject({ state: 'known', question: false });
    await again.reaches('open');
    await new Received(again.socket).leave();

    const patch = (body: object): Promise<Endpoint> =>
      stack.json(path, { method: 'PATCH', body: JSON.stringify(body) });
    expect((await patch({ name: 'Front panel' })).credentials.hostKey).toBe(await hostKey());

    const { port } = server;
    await server.stop();
    server = await startXvnc({ securityTypes: ['X509Vnc'], password: PASSWORD, port });
    const other = await stack.connectTerminal(id);
    expect(await other.message('host-key')).toMatchObject({ state: 'changed' });
    expect(await other.message('error')).toMatchObject({ code: 'host-key-mismatch' });
    const removed = await patch({ hostKey: null, password: PASSWORD });
    expect(removed.credentials.hostKey).toBeNull();
  });
});

describe('a server that does not protect the sign-in', () => {
  const plainUser = { name: 'machinist', password: 'länger als acht' };
  const credentials = {
    credentialsType: 'USER_PASS',
    username: plainUser.name,
    password: plainUser.password,
  };
  const audited = async (): Promise<string> => {
    const { auditRecords } = await stack.json<{ auditRecords: { text: string }[] }>(
      `/audit/auditRecords?pageSize=2000`,
      { user: 'admin' },
    );
    return auditRecords.map(({ text }) => text).join('\n');
  };

  it('gets user name and password only if the endpoint allows it, with a warning', async () => {
    server = await startXvnc({ securityTypes: ['Plain'], plainUser });
    const id = await endpointOf(server.port, credentials);
    const refused = await stack.connectTerminal(id);
    expect(await refused.message('error')).toMatchObject({
      code: 'unencrypted-sign-in',
      text: expect.stringContaining('allowUnencryptedSignIn'),
    });
    const path = `/service/remoteaccess/devices/${GATEWAY}/configurations/${id}`;
    const body = JSON.stringify({ allowUnencryptedSignIn: true, password: plainUser.password });
    await stack.json(path, { method: 'PATCH', body });
    const client = await stack.connectTerminal(id);
    await client.reaches('open');
    expect(client.messages).toContainEqual(
      expect.objectContaining({ step: 'signed-in', warning: 'unencrypted-sign-in' }),
    );
    expect(client.messages).toContainEqual(
      expect.objectContaining({ step: 'open', isEncrypted: false }),
    );
    await new Received(client.socket).leave();
    await waitUntil('the audit record', async () =>
      (await audited()).includes(
        'host key not verified: the sign-in method "Plain" has none; ' +
          'user name and password were sent unencrypted',
      ),
    );
  });

  it('is refused if a key is pinned, whether or not a password is stored', async () => {
    server = await startXvnc({ securityTypes: ['VncAuth'], password: PASSWORD });
    const { publicKey } = generateKeyPairSync('ed25519');
    const { x = '' } = publicKey.export({ format: 'jwk' });
    const fields = [Buffer.from('ssh-ed25519'), Buffer.from(x, 'base64url')];
    const blob = Buffer.concat(fields.flatMap(field => [uint32(field.length), field])).toString(
      'base64',
    );
    for (const signIn of [{ credentialsType: 'PASS_ONLY', password: PASSWORD }, {}]) {
      const id = await endpointOf(server.port, { ...signIn, hostKey: `ssh-ed25519 ${blob}` });
      const client = await stack.connectTerminal(id);
      expect(await client.message('error')).toMatchObject({ code: 'host-key-unproved' });
      const { code, reason } = await new Received(await stack.connectRaw(id)).closed();
      expect({ code, reason }).toMatchObject({
        code: 4424,
        reason: expect.stringContaining('pinned key'),
      });
    }
  });

  it('is recorded as not verified when the viewer signs in itself', async () => {
    server = await startXvnc({ securityTypes: ['VncAuth'], password: PASSWORD });
    const received = new Received(await stack.connectRaw(await endpointOf(server.port, {})));
    expect(await new VncViewer(received).offeredTypes()).toEqual([2]);
    await received.leave();
    await waitUntil('the audit record', async () =>
      (await audited()).includes('host key not verified: the viewer signs in itself'),
    );
  });
});

it('identifies a server of another kind', async () => {
  const target = await tcpTarget(socket => socket.write('SSH-2.0-OpenSSH_9.2\r\n'));
  const client = await stack.connectTerminal(
    await endpointOf(target.port, { credentialsType: 'PASS_ONLY', password: PASSWORD }),
  );
  expect(await client.message('error')).toMatchObject({
    code: 'target-failed',
    text: expect.stringContaining('This is an SSH server, not a VNC server'),
  });
  await target.stop();
});

it('x11vnc, which stores its password in UTF-8, accepts it on the second attempt', async () => {
  const password = 'pänel-12';
  server = await startXvnc({ securityTypes: ['None'] });
  const x11vnc = await startX11vnc(server, password);
  const id = await endpointOf(x11vnc.port, { credentialsType: 'PASS_ONLY', password });
  const refused = new Received(await stack.connectRaw(id));
  const first = new VncViewer(refused);
  expect(await first.offeredTypes()).toEqual([1]);
  expect(await first.refusal()).toContain('Could not sign in');
  await refused.leave();
  const received = new Received(await stack.connectRaw(id));
  const viewer = new VncViewer(received);
  await viewer.offeredTypes();
  await viewer.open();
  await received.leave();
  await x11vnc.stop();
});

it('x11vnc accepts the stored password and shows the screen that it shares', async () => {
  server = await startXvnc({ securityTypes: ['None'] });
  const x11vnc = await startX11vnc(server, PASSWORD);
  const credentials = { credentialsType: 'PASS_ONLY', password: PASSWORD };
  const received = new Received(await stack.connectRaw(await endpointOf(x11vnc.port, credentials)));
  const viewer = new VncViewer(received);
  expect(await viewer.offeredTypes()).toEqual([1]);
  const screen = await viewer.open();
  expect((await viewer.firstBytes(16 + 640 * 480 * 4, screen))[0]).toBe(0);
  await received.leave();
  await x11vnc.stop();
});
