import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EndpointBody } from '@remote-access/contracts';
import {
  startX11vnc,
  startXvnc,
  temporaryFolder,
  waitUntil,
  type Xvnc,
} from '@remote-access/testkit';
import { Received } from '../../fixtures/raw-device';
import { Stack } from '../../fixtures/stack';
import type { TerminalClient } from '../../fixtures/terminal-client';
import { VncViewer } from '../../fixtures/vnc-viewer';
import {
  DESKTOP_PASSWORD,
  startQemu,
  startVino,
  startWayvnc,
  type OwnDesktop,
} from '../servers/desktop-servers';
import type { Daemon } from '../servers/daemon';
import { ForeignProgram, versionOf } from './compatibility';

const A_KEY = 0x61;
const RETURN_KEY = 0xff0d;

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start();
}, 30_000);
afterAll(() => stack.stop(), 15_000);

async function connect(port: number, change: Partial<EndpointBody> = {}): Promise<TerminalClient> {
  const { id } = await stack.addEndpoint({
    name: 'Panel',
    hostname: '127.0.0.1',
    port,
    protocol: 'VNC',
    credentialsType: 'PASS_ONLY',
    password: DESKTOP_PASSWORD,
    ...change,
  });
  return stack.connectTerminal(id);
}

interface Color {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

interface Screen {
  readonly viewer: VncViewer;
  readonly width: number;
  readonly height: number;
  leave(): Promise<void>;
}

/** Opens the screen as the viewer in the browser does. */
async function screenOf(client: TerminalClient): Promise<Screen> {
  const received = new Received(client.socket);
  const viewer = new VncViewer(received);
  expect(await viewer.offeredTypes()).toEqual([1]);
  const { width, height } = await viewer.open();
  viewer.say(Buffer.from(PIXEL_FORMAT, 'hex'));
  viewer.say(RAW_ENCODING);
  return { viewer, width, height, leave: () => received.leave() };
}

/** SetPixelFormat (RFC 6143, section 7.5.1): 32 bits, depth 24, little-endian, blue first. */
const PIXEL_FORMAT = '00000000' + '20180001' + '00ff00ff00ff' + '100800' + '000000';
const RAW_ENCODING = Buffer.from('0200000100000000', 'hex');

/** Requests the whole screen, and returns the colour of its centre. */
async function colorOf({ viewer, width, height }: Screen): Promise<Color> {
  const request = Buffer.alloc(10);
  request.writeUInt8(3, 0);
  request.writeUInt16BE(width, 6);
  request.writeUInt16BE(height, 8);
  viewer.say(request);
  const [x, y] = [width >> 1, height >> 1];
  let color: Color | undefined;
  while (!color) {
    const update = await viewer.take(4);
    if (update[0] !== 0) throw new Error(`The server sent message ${update[0]}`);
    for (let left = update.readUInt16BE(2); left > 0; left -= 1) {
      const head = await viewer.take(12);
      const [left, top, columns, rows] = [0, 2, 4, 6].map(at => head.readUInt16BE(at));
      expect(head.readInt32BE(8)).toBe(0);
      const pixels = await viewer.take(columns! * rows! * 4);
      const [column, row] = [x - left!, y - top!];
      if (column < 0 || row < 0 || column >= columns! || row >= rows!) continue;
      const [blue = 0, green = 0, red = 0] = pixels.subarray((row * columns! + column) * 4);
      color = { red, green, blue };
    }
  }
  return color;
}

/** KeyEvent (RFC 6143, section 7.5.4), down and up. */
function press({ viewer }: Screen, keysym: number): void {
  for (const isDown of [1, 0]) {
    const event = Buffer.of(4, isDown, 0, 0, 0, 0, 0, 0);
    event.writeUInt32BE(keysym, 4);
    viewer.say(event);
  }
}

async function refused(client: TerminalClient): Promise<string> {
  const { code, text } = await client.message('error');
  expect(code).toBe('sign-in-refused');
  await client.closed();
  return `the client is told: ${text}`;
}

describe('QEMU', () => {
  const qemu = new ForeignProgram(
    'QEMU',
    versionOf('qemu-system-x86'),
    'the VNC server of a virtual machine',
  );
  let server: Daemon;
  beforeAll(async () => {
    server = await startQemu();
  }, 30_000);
  afterAll(() => server.stop());

  qemu.can('shows its screen and gets a key', async () => {
    const screen = await screenOf(await connect(server.port));
    await waitUntil(
      'the key turns the screen green',
      async () => {
        // The machine may still be starting.
        press(screen, A_KEY);
        const { red, green, blue } = await colorOf(screen);
        return green > 0x80 && red < 0x40 && blue < 0x40;
      },
      30_000,
    );
    await screen.leave();
    return undefined;
  });

  qemu.can('refuses a wrong password, and the user is told so', async () =>
    refused(await connect(server.port, { password: 'wrong' })),
  );
});

describe('wayvnc', () => {
  const wayvnc = new ForeignProgram(
    'wayvnc',
    versionOf('wayvnc'),
    'a VNC server of Wayland compositors',
  );
  const user = { credentialsType: 'USER_PASS', username: 'panel' } as const;
  let server: OwnDesktop;
  beforeAll(async () => {
    server = await startWayvnc();
  }, 30_000);
  afterAll(() => server.stop());

  wayvnc.can('shows the key of its certificate, its screen, and gets a key', async () => {
    const client = await connect(server.port, user);
    expect(await client.message('host-key')).toMatchObject({ state: 'new', keyType: 'ssh-rsa' });
    client.send({ type: 'host-key-answer', answer: 'once' });
    const screen = await screenOf(client);
    await colorOf(screen);
    press(screen, A_KEY);
    await waitUntil('the compositor gets the key', () => server.gotKey());
    await screen.leave();
    return undefined;
  });

  wayvnc.can('closes after it accepted a wrong password, and the user is told so', async () => {
    const client = await connect(server.port, { ...user, password: 'wrong' });
    await client.message('host-key');
    client.send({ type: 'host-key-answer', answer: 'once' });
    const viewer = new VncViewer(new Received(client.socket));
    await viewer.offeredTypes();
    // It never receives a screen.
    viewer.open().catch(() => undefined);
    return refused(client);
  });
});

describe('servers of an X display', () => {
  const folder = temporaryFolder('desktop-keys');
  let display: Xvnc;
  beforeAll(async () => {
    display = await startXvnc({ securityTypes: ['VncAuth'], password: DESKTOP_PASSWORD });
    const script = `while read -r name; do touch "${folder.path}/$name"; done`;
    display.run('xterm', '-geometry', '200x60+0+0', '-e', 'sh', '-c', script);
  }, 30_000);
  afterAll(async () => {
    await display.stop();
    folder.remove();
  });

  /** Types a letter and Return into the terminal on the display, which makes a file of that name. */
  const typesInto = async (screen: Screen, letter: string): Promise<void> => {
    await waitUntil('the terminal gets the keys', () => {
      press(screen, letter.charCodeAt(0));
      press(screen, RETURN_KEY);
      return existsSync(join(folder.path, letter));
    });
    await colorOf(screen);
    await screen.leave();
  };

  describe('TigerVNC', () => {
    const tigervnc = new ForeignProgram(
      'TigerVNC',
      versionOf('tigervnc-standalone-server'),
      'an X server with VNC',
    );
    tigervnc.can('shows its display and gets keys', async () => {
      await typesInto(await screenOf(await connect(display.port)), 't');
      return undefined;
    });
  });

  describe('x11vnc', () => {
    const x11vnc = new ForeignProgram(
      'x11vnc',
      versionOf('x11vnc'),
      'a server made with libvncserver',
    );
    let server: Awaited<ReturnType<typeof startX11vnc>>;
    beforeAll(async () => {
      server = await startX11vnc(display, DESKTOP_PASSWORD);
    }, 30_000);
    afterAll(() => server.stop());

    x11vnc.can('shows the display and gets keys', async () => {
      await typesInto(await screenOf(await connect(server.port)), 'x');
      return undefined;
    });

    x11vnc.can('refuses a wrong password, and the user is told so', async () =>
      refused(await connect(server.port, { password: 'wrong' })),
    );

    x11vnc.can('takes a password in Latin-1, over version 3.3 of the protocol', async () => {
      const password = 'früher 1';
      const stored = Buffer.from(password, 'latin1');
      const old = await startX11vnc(display, stored, ['-rfbversion', '3.3']);
      try {
        await typesInto(await screenOf(await connect(old.port, { password })), 'l');
      } finally {
        await old.stop();
      }
      return undefined;
    });
  });

  describe('vino', () => {
    const vino = new ForeignProgram('vino', versionOf('vino'), "GNOME's former VNC server");
    let server: Daemon;
    beforeAll(async () => {
      server = await startVino(display);
    }, 30_000);
    afterAll(() => server.stop());

    vino.can('is signed in to over its TLS without a certificate, and gets keys', async () => {
      const client = await connect(server.port);
      await typesInto(await screenOf(client), 'v');
      return undefined;
    });

    vino.can('refuses a wrong password, and the user is told so', async () =>
      refused(await connect(server.port, { password: 'wrong' })),
    );
  });
});
