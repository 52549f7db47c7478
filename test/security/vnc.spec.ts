import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import {
  chopped,
  MS_LOGON_SECURITY,
  PASSWORD_SECURITY,
  rsaAesSecurity,
  startScriptedVnc,
  tcpTarget,
  TIGHT_PASSWORD_SECURITY,
  uint32,
  waitUntil,
  type TcpTarget,
} from '@remote-access/testkit';
import { VncSession } from '../fixtures/vnc-session';

const VERSION = Buffer.from('RFB 003.008\n');
const CREDENTIALS = { credentials: { username: 'ana', password: 'secret' }, isRawClient: false };
const HUGE = uint32(2 ** 31);

let target: TcpTarget | undefined;
let session: VncSession | undefined;

afterEach(async () => {
  session?.end();
  await target?.stop();
  session = target = undefined;
});

/** Signs in to a server that sends `said` regardless of its input, then hangs or closes. */
async function signInTo(
  said: Buffer,
  after: 'hang' | 'end' = 'hang',
  options: object = {},
): Promise<{ code: string; message: string }> {
  target = await tcpTarget(socket => {
    socket.resume();
    if (after === 'end') socket.end(said);
    else socket.write(said);
  });
  session = await VncSession.start(target.port, {
    ...CREDENTIALS,
    rules: { requiresServerKey: false, allowsUnencrypted: true },
    handshakeTimeoutMs: 300,
    ...options,
  });
  const outcome = await session.outcome;
  if (!outcome) throw new Error('The sign-in succeeded');
  return outcome;
}

const bytes = (...parts: readonly (Buffer | number[])[]): Buffer =>
  Buffer.concat(parts.map(part => Buffer.from(part)));

const SCRIPTS: readonly (readonly [what: string, said: Buffer])[] = [
  ['its security types', VERSION],
  ['its security types', bytes(VERSION, [3, 2])],
  ['its reason', bytes(VERSION, [0])],
  ['its reason', bytes(VERSION, [0], uint32(10), [65])],
  ['its challenge', bytes(VERSION, [1, 2])],
  ['its challenge', bytes(VERSION, [1, 2], Buffer.alloc(15))],
  ['its version of VeNCrypt', bytes(VERSION, [1, 19])],
  ['its answer to VeNCrypt 0.2', bytes(VERSION, [1, 19, 0, 2])],
  ['its VeNCrypt subtypes', bytes(VERSION, [1, 19, 0, 2, 0, 2])],
  ['its confirmation of TLS', bytes(VERSION, [1, 19, 0, 2, 0, 1], uint32(258))],
  ['its part of the TLS handshake', bytes(VERSION, [1, 19, 0, 2, 0, 1], uint32(258), [1])],
  ['its Diffie-Hellman group', bytes(VERSION, [1, 30])],
  ['its Diffie-Hellman key', bytes(VERSION, [1, 113], Buffer.alloc(16, 1))],
  ['its RSA key', bytes(VERSION, [1, 6], uint32(2048))],
  ['its Tight tunnels', bytes(VERSION, [1, 16])],
  ['its Tight sign-in methods', bytes(VERSION, [1, 16], uint32(0))],
];

describe('a VNC server', () => {
  it.each(SCRIPTS)(
    'that hangs before sending %s is disconnected, and the error names the missing part',
    async (what, said) => {
      expect(await signInTo(said)).toMatchObject({
        code: 'target-timeout',
        message: `Could not connect to endpoint "Panel". The VNC server did not send ${what} in time.`,
      });
    },
  );

  it.each(SCRIPTS)(
    'that closes before sending %s is reported with the missing part',
    async (what, said) => {
      expect(await signInTo(said, 'end')).toMatchObject({
        code: 'target-failed',
        message: `Could not connect to endpoint "Panel". The VNC server closed the connection before it sent ${what}.`,
      });
    },
  );

  it.each([
    ['a reason', bytes(VERSION, [0], HUGE, Buffer.alloc(2000, 65)), 'A'.repeat(200)],
    [
      'a reason for refusing the sign-in',
      bytes(VERSION, [1, 1], uint32(1), HUGE, Buffer.alloc(2000, 65)),
      'A'.repeat(200),
    ],
    ['a list of tunnels', bytes(VERSION, [1, 16], HUGE), 'its Tight tunnels is 2147483648'],
    [
      'a list of capabilities',
      bytes(VERSION, [1, 16], uint32(0), HUGE),
      'its Tight sign-in methods is 2147483648',
    ],
    ['a Diffie-Hellman group', bytes(VERSION, [1, 30, 0, 2, 255, 255]), 'has 65535 bytes'],
    ['an RSA key', bytes(VERSION, [1, 6], HUGE), 'has 2147483648 bits'],
  ])('that announces %s of size 2^31 or the maximum is disconnected', async (_name, said, told) => {
    expect((await signInTo(said)).message).toContain(told);
  });

  it.each([
    ['an empty group', bytes(VERSION, [1, 30, 0, 2, 0, 0])],
    ['an even group', bytes(VERSION, [1, 30, 0, 2, 0, 8], Buffer.alloc(16, 2))],
    ['a key of zero', bytes(VERSION, [1, 113], Buffer.alloc(16, 3), Buffer.alloc(8))],
    ['an RSA key of zeros', bytes(VERSION, [1, 6], uint32(2048), Buffer.alloc(512))],
    ['an unknown VeNCrypt version', bytes(VERSION, [1, 19, 1, 0])],
    ['second thoughts about VeNCrypt', bytes(VERSION, [1, 19, 0, 2, 1])],
    ['second thoughts about TLS', bytes(VERSION, [1, 19, 0, 2, 0, 1], uint32(258), [0])],
  ])('that has %s gets no password', async (_name, said) => {
    const { message } = await signInTo(said);
    expect(message).toContain('The VNC server violated the sign-in protocol');
    const [connection] = target!.connections;
    expect(connection!.bytesRead).toBeLessThan(32);
  });

  it('that gives a reason with control characters is quoted without them', async () => {
    const reason = Buffer.from('<b>no</b>\u001b[31m\u202Eevil\u0000');
    const { message } = await signInTo(bytes(VERSION, [0], uint32(reason.length), reason));
    expect(message).toContain('"<b>no</b> [31m evil"');
  });

  it('that offers only unsupported sign-in methods is reported with their list', async () => {
    expect(await signInTo(bytes(VERSION, [3, 20, 22, 200]))).toMatchObject({
      code: 'vnc-sign-in-unsupported',
      message: expect.stringMatching(/sign-in method, only: type 20, type 22, type 200\.$/),
    });
  });

  it.each([
    ['closes at once', bytes(Buffer.from('RFB 005.000\n')), 'end'],
    [
      'says so',
      bytes(
        Buffer.from('RFB 005.000\n'),
        [0],
        uint32(27),
        Buffer.from('Unsupported protocol version'),
      ),
      'hang',
    ],
  ] as const)(
    'that insists on 5.0 and %s is reported with a workaround',
    async (_name, said, after) => {
      const outcome = await signInTo(said, after);
      expect(outcome.code).toBe('vnc-version-unsupported');
      expect(outcome.message).toContain('unsupported protocol version 005.000');
      expect(outcome.message).toContain('Protocol version');
      expect(outcome.message).toContain('"3.8"');
    },
  );

  it('that presents mismatched keys during RSA-AES gets no password', async () => {
    const security = rsaAesSecurity({ type: 6, liesAboutKeys: true });
    const scripted = await startScriptedVnc({ version: '003.008', security: [security] });
    session = await VncSession.start(scripted.port, CREDENTIALS);
    const outcome = await session.outcome;
    expect(outcome!.message).toContain('the keys do not match');
    await scripted.stop();
  });

  it('is understood however its bytes are split', async () => {
    const said = bytes(VERSION, [1, 2], Buffer.alloc(16), uint32(0));
    for (const { name, pieces } of chopped(said, 5)) {
      const one = await tcpTarget(socket => void sayInPieces(socket, pieces));
      session = await VncSession.start(one.port, { ...CREDENTIALS, isRawClient: true });
      expect(await session.viewer.offeredTypes()).toEqual([1]);
      session.viewer.say(Buffer.of(1));
      expect({ name, answer: await session.viewer.take(4) }).toEqual({ name, answer: uint32(0) });
      session.end();
      await one.stop();
    }
  });
});

/**
 * Offers by a server that would receive a secret, or pass as the machine, without proving its key.
 */
const DOWNGRADES: readonly (readonly [what: string, said: Buffer])[] = [
  ['no sign-in', bytes(VERSION, [1, 1], uint32(0))],
  ['no sign-in in version 3.3', bytes(Buffer.from('RFB 003.003\n'), uint32(1))],
  ['the VNC password', bytes(VERSION, [1, 2], Buffer.alloc(16))],
  ['VeNCrypt Plain', bytes(VERSION, [1, 19, 0, 2, 0, 1], uint32(256))],
  ['TLS without a certificate', bytes(VERSION, [1, 19, 0, 2, 0, 2], uint32(259), uint32(257))],
  ['Tight with a Unix login', bytes(VERSION, [1, 16], uint32(0), uint32(1), tightLogin())],
  ['Tight without sign-in', bytes(VERSION, [1, 16], uint32(0), uint32(0))],
  ['Apple Remote Desktop', bytes(VERSION, [1, 30, 0, 2, 0, 128], Buffer.alloc(256, 3))],
  ['MS-Logon II', bytes(VERSION, [1, 113], Buffer.alloc(24, 3))],
  ['everything but a key', bytes(VERSION, [5, 1, 2, 16, 30, 113])],
  ['an unknown method', bytes(VERSION, [1, 20])],
];

/** Methods that reveal user name and password to an eavesdropper. */
const UNENCRYPTED: readonly (readonly [what: string, said: Buffer])[] = [
  ['VeNCrypt Plain', bytes(VERSION, [1, 19, 0, 2, 0, 1], uint32(256))],
  ['Tight with a Unix login', bytes(VERSION, [1, 16], uint32(0), uint32(1), tightLogin())],
  ['MS-Logon II', bytes(VERSION, [1, 113], uint32(0), uint32(5), weakPrime(), weakPublic())],
  [
    'Apple Remote Desktop with 64 bits',
    bytes(VERSION, [1, 30, 0, 2, 0, 8], weakPrime(), weakPublic()),
  ],
];

function tightLogin(): Buffer {
  return Buffer.concat([uint32(129), Buffer.from('TGHTULGNAUTH')]);
}

function weakPrime(): Buffer {
  return Buffer.from('ffffffffffffffc5', 'hex');
}

function weakPublic(): Buffer {
  return Buffer.from('0123456789abcdef', 'hex');
}

describe('a VNC server that does not prove the pinned key', () => {
  const rules = { requiresServerKey: true, allowsUnencrypted: true };

  it.each(DOWNGRADES)('and offers %s gets nothing', async (_name, said) => {
    const heard = await heardBy(said, { rules });
    expect(heard.outcome).toMatchObject({
      code: 'host-key-unproved',
      message: expect.stringContaining('has a pinned key, and the server offered no method'),
    });
    expect(heard.bytes.length).toBeLessThan(20);
  });

  it.each(DOWNGRADES)(
    'and offers %s is not left to a viewer that signs in itself',
    async (_name, said) => {
      for (const isRawClient of [true, false]) {
        const heard = await heardBy(said, { rules, credentials: {}, isRawClient });
        expect(heard.outcome).toMatchObject({ code: 'host-key-unproved' });
        expect(heard.bytes.length).toBeLessThan(20);
      }
    },
  );
});

describe('a VNC server that does not encrypt the sign-in', () => {
  it.each(UNENCRYPTED)('but offers %s gets neither user name nor password', async (_name, said) => {
    const heard = await heardBy(said, {});
    expect(heard.outcome).toMatchObject({
      code: 'unencrypted-sign-in',
      message: expect.stringContaining('allowUnencryptedSignIn'),
    });
    expect(heard.bytes.length).toBeLessThan(20);
  });

  it.each(UNENCRYPTED)('but offers %s gets them if the endpoint allows it', async (_name, said) => {
    const rules = { requiresServerKey: false, allowsUnencrypted: true };
    const heard = await heardBy(bytes(said, uint32(0)), { rules });
    expect(heard.outcome).toBeUndefined();
    expect(session).toMatchObject({ isSignedIn: true, wasUnencrypted: true });
    expect(session!.keyUnchecked).toMatch(
      /has none; user name and password were sent unencrypted$/,
    );
  });

  it('does not get them from a viewer in the browser either', async () => {
    const scripted = await startScriptedVnc({
      version: '003.008',
      security: [TIGHT_PASSWORD_SECURITY, MS_LOGON_SECURITY, PASSWORD_SECURITY],
    });
    session = await VncSession.start(scripted.port, { credentials: {}, isRawClient: false });
    expect(await session.viewer.offeredTypes()).toEqual([2]);
    await scripted.stop();
  });
});

/** The outcome of a sign-in to a server that sends `said`, and the bytes that it received. */
async function heardBy(
  said: Buffer,
  options: object,
): Promise<{ outcome: { code: string } | undefined; bytes: Buffer }> {
  let heard = Buffer.alloc(0);
  const server = await tcpTarget(socket => {
    socket.on('data', chunk => (heard = Buffer.concat([heard, chunk])));
    socket.write(said);
  });
  target = server;
  const started = await VncSession.start(server.port, {
    ...CREDENTIALS,
    handshakeTimeoutMs: 300,
    ...options,
  });
  session = started;
  let outcome: { code: string } | undefined;
  void started.outcome.then(failure => (outcome = failure));
  await waitUntil('the sign-in is over', () => started.isSignedIn || outcome !== undefined);
  started.end();
  await server.stop();
  return { outcome, bytes: heard };
}

async function sayInPieces(socket: Socket, pieces: readonly Buffer[]): Promise<void> {
  socket.resume();
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise(resolve => setImmediate(resolve));
  }
}

describe('a server of another kind', () => {
  it.each([
    ['SSH-2.0-OpenSSH_9.2p1\r\n', 'This is an SSH server, not a VNC server'],
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'This is a web (HTTP) server, not a VNC server'],
    ['\u00ff\u00fd\u0018', 'This is a Telnet server, not a VNC server'],
    ['220 ProFTPD\r\n', 'This is an FTP server, not a VNC server'],
    ['\u0015\u0003\u0001\u0000\u0002\u0002\u0046', 'This is a TLS server, not a VNC server'],
    ['RFB 3.8\n with more', 'This is not a VNC server: it began with "RFB 3.8'],
    ['hello there', 'This is not a VNC server: it began with "hello there"'],
    ['RFB 000.000\n', 'This is a VNC repeater'],
  ])('that says %j is identified', async (said, told) => {
    const outcome = await signInTo(Buffer.from(said, 'latin1'));
    expect(outcome).toMatchObject({
      code: 'target-failed',
      message: expect.stringContaining(told),
    });
  });

  it('that waits for a request is prompted to identify itself', async () => {
    const web = createServer();
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as AddressInfo;
    session = await VncSession.start(port, { ...CREDENTIALS, handshakeTimeoutMs: 500 });
    const outcome = await session.outcome;
    expect(outcome!.message).toContain('This is a web (HTTP) server, not a VNC server');
    web.close();
  });

  it('that says nothing at all times out', async () => {
    expect(await signInTo(Buffer.alloc(0))).toMatchObject({
      code: 'target-timeout',
      message: expect.stringContaining('It may be hanging, or it is not a VNC server'),
    });
  });
});

describe('a client', () => {
  const start = async (): Promise<VncSession> => {
    const scripted = await startScriptedVnc({ version: '003.008' });
    target = { ...scripted, connections: [] };
    session = await VncSession.start(scripted.port, { ...CREDENTIALS, isRawClient: true });
    await session.viewer.take(12);
    return session;
  };

  it.each([
    ['does not speak RFB', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['speaks an unknown version', Buffer.from('RFB 002.009\n')],
    ['chooses a type that was not offered', Buffer.concat([VERSION, Buffer.of(2)])],
  ])('that %s is refused', async (_name, said) => {
    const { viewer, outcome } = await start();
    viewer.say(said);
    expect(await outcome).toMatchObject({ code: 'malformed-request' });
  });

  it('that disconnects during the sign-in ends it', async () => {
    const { outcome } = await start();
    session!.leave();
    expect(await outcome).toMatchObject({
      code: 'malformed-request',
      message: 'The client disconnected during the VNC handshake.',
    });
  });
});
