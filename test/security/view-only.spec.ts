import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  rsaAesSecurity,
  startScriptedVnc,
  startXvnc,
  temporaryFolder,
  waitUntil,
  type Xvnc,
} from '@remote-access/testkit';
import { Received } from '../fixtures/raw-device';
import { Stack } from '../fixtures/stack';
import { VncViewer } from '../fixtures/vnc-viewer';

const PASSWORD = 'panel-12';
const SCREEN_BYTES = 16 + 640 * 480 * 4;

const folder = temporaryFolder('view-only');
let stack: Stack;
let server: Xvnc | undefined;

beforeAll(async () => {
  stack = await Stack.start();
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(async () => {
  await stack.stop();
  folder.remove();
}, 15_000);

async function viewOnlyEndpoint(port: number, credentials: object): Promise<string> {
  const body = { name: 'Panel', hostname: '127.0.0.1', port, protocol: 'VNC' as const };
  return (await stack.addEndpoint({ ...body, viewOnly: true, ...credentials })).id;
}

/** What the display received from any of its viewers. */
class DisplayEvents {
  private readonly file = join(folder.path, `${Date.now()}.log`);

  constructor(private readonly xvnc: Xvnc) {
    const record = `exec xev -root -event keyboard -event mouse > ${this.file}`;
    xvnc.run('sh', '-c', record);
  }

  /** Someone at the machine, who types until the recording has begun. */
  async recording(): Promise<LocalViewer> {
    const viewer = await LocalViewer.start(this.xvnc.port);
    await waitUntil('the recording runs', () => {
      viewer.say(key(MARK, true), key(MARK, false));
      return this.text.includes(`(keysym 0x${MARK.toString(16)}`);
    });
    return viewer;
  }

  get text(): string {
    try {
      return readFileSync(this.file, 'utf8');
    } catch {
      return '';
    }
  }
}

/** A viewer connected to the server directly. */
class LocalViewer {
  private constructor(
    private readonly socket: Socket,
    readonly viewer: VncViewer,
  ) {}

  static async start(port: number): Promise<LocalViewer> {
    const socket = connect(port, '127.0.0.1');
    let kept = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => (kept = Buffer.concat([kept, chunk])));
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const viewer = new VncViewer({
      send: bytes => socket.write(bytes),
      has: async length => {
        await waitUntil(`${length} bytes of the server`, () => kept.length >= length);
        return kept;
      },
    });
    await viewer.offeredTypes();
    await viewer.open();
    return new LocalViewer(socket, viewer);
  }

  say(...messages: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(messages));
  }

  get isConnected(): boolean {
    return !this.socket.closed && !this.socket.readableEnded;
  }

  leave(): void {
    this.socket.destroy();
  }
}

const [MARK, LAST, FORBIDDEN] = [0x6d, 0x6c, 0x66];

function key(keysym: number, isDown: boolean): Buffer {
  return Buffer.of(4, isDown ? 1 : 0, 0, 0, 0, 0, 0, keysym);
}

const qemuKey = Buffer.of(255, 0, 0, 1, 0, 0, 0, FORBIDDEN, 0, 0, 0, 0x21);
const click = Buffer.of(5, 1, 0, 40, 0, 40, 5, 0, 0, 40, 0, 40);
const text = Buffer.concat([Buffer.of(6, 0, 0, 0, 0, 0, 0, 3), Buffer.from('rm!')]);
const screen = Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
const resize = Buffer.concat([Buffer.of(251, 0, 1, 0, 1, 0, 1, 0), screen]);

const powerOff = Buffer.of(250, 0, 1, 2);

const INPUT = Buffer.concat([
  ...[key(FORBIDDEN, true), key(FORBIDDEN, false), click, text, resize],
  ...[qemuKey, powerOff],
]);

type Language = 'raw' | 'v1';

async function connectAs(language: Language, id: string): Promise<Received> {
  if (language === 'raw') return new Received(await stack.connectRaw(id));
  return new Received((await stack.connectTerminal(id)).socket);
}

describe.each(['raw', 'v1'] as const)('a %s viewer of a view-only endpoint', language => {
  it('sees the screen, but none of its input has an effect', async () => {
    server = await startXvnc({ securityTypes: ['None'] });
    const events = new DisplayEvents(server);
    const local = await events.recording();
    const received = await connectAs(language, await viewOnlyEndpoint(server.port, {}));
    const viewer = new VncViewer(received);
    expect(await viewer.offeredTypes()).toEqual([1]);
    const size = await viewer.open();
    // In one message, and then split at every byte.
    viewer.say(INPUT);
    for (const byte of INPUT) viewer.say(Buffer.of(byte));
    expect((await viewer.firstBytes(SCREEN_BYTES, size))[0]).toBe(0);

    local.say(key(LAST, true), key(LAST, false));
    await waitUntil('the last key', () => events.text.includes(`(keysym 0x${LAST.toString(16)}`));
    expect(events.text).not.toContain(`(keysym 0x${FORBIDDEN.toString(16)}`);
    expect(events.text).not.toContain('ButtonPress');
    await received.leave();
    local.leave();
  });

  it('cannot disconnect other viewers', async () => {
    server = await startXvnc({ securityTypes: ['None'] });
    const local = await LocalViewer.start(server.port);
    const received = await connectAs(language, await viewOnlyEndpoint(server.port, {}));
    const viewer = new VncViewer(received);
    await viewer.offeredTypes();
    const size = await viewer.open(false);
    expect((await viewer.firstBytes(SCREEN_BYTES, size))[0]).toBe(0);
    expect((await local.viewer.firstBytes(16, size))[0]).toBe(0);
    expect(local.isConnected).toBe(true);
    await received.leave();
    local.leave();
  });

  it('is disconnected with the reason after a message that the service does not know', async () => {
    server = await startXvnc({ securityTypes: ['None'] });
    const received = await connectAs(language, await viewOnlyEndpoint(server.port, {}));
    const viewer = new VncViewer(received);
    await viewer.offeredTypes();
    await viewer.open();
    viewer.say(Buffer.of(7, 1, 2, 3));
    const { code, reason } = await received.closed();
    expect({ code, reason }).toEqual({
      code: 4403,
      reason: expect.stringContaining('unknown type 7'),
    });
  });
});

describe('a view-only endpoint without stored credentials', () => {
  it('lets a viewer answer the challenge, and filters what follows', async () => {
    server = await startXvnc({ securityTypes: ['VncAuth'], password: PASSWORD });
    const received = await connectAs('raw', await viewOnlyEndpoint(server.port, {}));
    const viewer = new VncViewer(received);
    expect(await viewer.offeredTypes()).toEqual([2]);
    const size = await viewer.openWith(PASSWORD);
    viewer.say(INPUT);
    expect((await viewer.firstBytes(SCREEN_BYTES, size))[0]).toBe(0);
    viewer.say(Buffer.of(7));
    expect((await received.closed()).reason).toContain('view-only');
  });

  it('asks in the browser, so that the page does not sign in itself', async () => {
    server = await startXvnc({ securityTypes: ['VncAuth'], password: PASSWORD });
    const client = await stack.connectTerminal(await viewOnlyEndpoint(server.port, {}));
    const received = new Received(client.socket);
    const { id } = await client.message('prompt');
    received.socket.send(JSON.stringify({ type: 'answers', id, answers: [PASSWORD] }));
    const viewer = new VncViewer(received);
    expect(await viewer.offeredTypes()).toEqual([1]);
    await viewer.open();
    await received.leave();
  });

  it('refuses a viewer that would encrypt to the server itself', async () => {
    const security = [rsaAesSecurity({ type: 5 })];
    const scripted = await startScriptedVnc({ version: '003.008', security });
    const received = await connectAs('raw', await viewOnlyEndpoint(scripted.port, {}));
    const viewer = new VncViewer(received);
    await expect(viewer.offeredTypes()).resolves.toEqual([]);
    const reason = await viewer.take((await viewer.take(4)).readUInt32BE());
    expect(reason.toString()).toBe(
      'The VNC server on endpoint "Panel" asks for a user name and a password. The endpoint is ' +
        'view-only, so viewers cannot sign in. Store it in the endpoint, or connect in the ' +
        'browser to enter it.',
    );
    expect((await received.closed()).code).toBe(4424);
    await scripted.stop();
  });
});
