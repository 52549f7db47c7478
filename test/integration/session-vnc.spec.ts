import { startXvnc, type Xvnc } from '@remote-access/testkit';
import { Received } from '../fixtures/raw-device';
import { Stack } from '../fixtures/stack';
import { VncViewer } from '../fixtures/vnc-viewer';

const PASSWORD = 'pänel-12';

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

  it('gets to the screen of a server with a password without knowing it', async () => {
    server = await startXvnc({ securityTypes: ['VncAuth'], password: PASSWORD });
    const id = await endpointOf(server.port, { credentialsType: 'PASS_ONLY', password: PASSWORD });
    const viewer = await connect(id);
    expect(await viewer.offeredTypes()).toEqual([1]);
    const screen = await viewer.open();
    expect(screen).toMatchObject({ width: 640, height: 480 });
    expect((await viewer.firstBytes(16 + 640 * 480 * 4, screen))[0]).toBe(0);
  });

  it('gets to the screen of a server without a password', async () => {
    server = await startXvnc({ securityTypes: ['None'] });
    const viewer = await connect(await endpointOf(server.port, { credentialsType: 'NONE' }));
    expect(await viewer.offeredTypes()).toEqual([1]);
    expect(await viewer.open()).toMatchObject({ width: 640, height: 480 });
  });

  it('is asked by the server itself where no password is stored', async () => {
    server = await startXvnc({ securityTypes: ['VncAuth'], password: PASSWORD });
    const viewer = await connect(await endpointOf(server.port, { credentialsType: 'NONE' }));
    expect(await viewer.offeredTypes()).toEqual([2]);
  });
});

describe('a stored password that is wrong', () => {
  const reason =
    'Could not sign in to the VNC server on endpoint "Panel". It says "Authentication failure".';
  let id: string;

  beforeEach(async () => {
    server = await startXvnc({ securityTypes: ['VncAuth'], password: PASSWORD });
    id = await endpointOf(server.port, { credentialsType: 'PASS_ONLY', password: 'wrong' });
  });

  it('is told to a raw viewer by RFB, and by the end of the session', async () => {
    const received = new Received(await stack.connectRaw(id));
    const viewer = new VncViewer(received);
    expect(await viewer.offeredTypes()).toEqual([1]);
    expect(await viewer.refusal()).toBe(reason);
    expect(await received.closed()).toMatchObject({ code: 4424, reason });
  });

  it('is told to the browser, which never sees an open session', async () => {
    const client = await stack.connectTerminal(id);
    expect(await client.message('error')).toMatchObject({ code: 'sign-in-refused', text: reason });
    await client.closed();
    expect(client.closeCode).toBe(4424);
    expect(client.output).toHaveLength(0);
    const steps = client.messages.flatMap(m => (m.type === 'status' ? [m.step] : []));
    expect(steps.at(-1)).toBe('gateway-connected');
  });
});
