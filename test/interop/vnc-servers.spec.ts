import { X509Certificate } from 'node:crypto';
import { HostKey } from '@remote-access/ssh-keys';
import {
  APPLE_SECURITY,
  MS_LOGON_SECURITY,
  NO_SECURITY,
  PASSWORD_SECURITY,
  rsaAesSecurity,
  startScriptedVnc,
  startXvnc,
  TIGHT_NO_SECURITY,
  TIGHT_PASSWORD_SECURITY,
  type ScriptedVnc,
  type VncSecurity,
  type Xvnc,
  type XvncSecurityType,
} from '@remote-access/testkit';
import { VncSession } from '../fixtures/vnc-session';

const UNENCRYPTED = { requiresServerKey: false, allowsUnencrypted: true };

let server: Xvnc | ScriptedVnc | undefined;
let session: VncSession | undefined;

afterEach(async () => {
  session?.end();
  await server?.stop();
  session = server = undefined;
});

describe('TigerVNC', () => {
  const password = 'pänel 1';
  const plainUser = { name: 'machinist', password: 'länger als acht' };
  const userPass = { username: plainUser.name, password: plainUser.password };

  const start = async (
    securityTypes: readonly XvncSecurityType[],
    credentials: { username?: string; password: string },
  ): Promise<Xvnc> => {
    const users = securityTypes.some(type => type.endsWith('Plain')) ? { plainUser } : {};
    const xvnc = await startXvnc({ securityTypes, password, ...users });
    server = xvnc;
    // Xvnc encodes its password in UTF-8, which only TLS reveals in advance.
    const swapsPasswordEncoding = securityTypes.every(type => type === 'VncAuth');
    const rules = UNENCRYPTED;
    session = await VncSession.start(xvnc.port, { credentials, rules, swapsPasswordEncoding });
    return xvnc;
  };

  it.each([
    ['None', { password }],
    ['VncAuth', { password }],
    ['TLSNone', { password }],
    ['TLSVnc', { password }],
    ['X509None', { password }],
    ['X509Vnc', { password }],
    ['Plain', userPass],
    ['TLSPlain', userPass],
    ['X509Plain', userPass],
  ] as const)('with %s accepts the sign-in and sends its picture', async (type, credentials) => {
    await start([type], credentials);
    const { viewer } = session!;
    expect(await viewer.offeredTypes()).toEqual([1]);
    const screen = await viewer.open();
    expect(screen).toMatchObject({ width: 640, height: 480 });
    const update = await viewer.firstBytes(16 + 640 * 480 * 4, screen);
    expect(update[0]).toBe(0);
    expect(session!.isSignedIn).toBe(true);
  });

  it('is identified by the key of its certificate, in the form of an SSH host key', async () => {
    const { certificate } = await start(['X509Vnc'], { password });
    await session!.viewer.offeredTypes();
    await session!.viewer.open();
    const key = HostKey.fromBlob(session!.shownKeys[0]!)!;
    const { n } = new X509Certificate(certificate).publicKey.export({ format: 'jwk' });
    expect(key.type).toBe('ssh-rsa');
    expect(key.blob.includes(Buffer.from(n!, 'base64url'))).toBe(true);
  });

  it('receives no password if its key is not the expected one', async () => {
    const refusal = new Error('another key');
    server = await startXvnc({ securityTypes: ['X509Vnc'], password });
    session = await VncSession.start(server.port, {
      credentials: { password },
      isRawClient: false,
      checkServerKey: () => Promise.reject(refusal),
    });
    expect(await session.outcome).toMatchObject({ code: 'target-failed', cause: refusal });
  });

  it('with a pinned key leaves only the challenge to a viewer that signs in itself', async () => {
    const rules = { requiresServerKey: true, allowsUnencrypted: false };
    server = await startXvnc({ securityTypes: ['VncAuth', 'TLSVnc', 'X509Vnc'], password });
    session = await VncSession.start(server.port, { credentials: {}, rules });
    expect(await session.viewer.offeredTypes()).toEqual([2]);
    expect(session.shownKeys).toHaveLength(1);
    const screen = await session.viewer.openWith(password);
    expect(screen).toMatchObject({ width: 640, height: 480 });
    expect((await session.viewer.firstBytes(16, screen))[0]).toBe(0);
    expect(session.keyUnchecked).toBeUndefined();
  });

  it('tells a viewer that signs in itself that its password is wrong', async () => {
    const rules = { requiresServerKey: true, allowsUnencrypted: false };
    server = await startXvnc({ securityTypes: ['X509Vnc'], password });
    session = await VncSession.start(server.port, { credentials: {}, rules });
    await session.viewer.offeredTypes();
    await expect(session.viewer.openWith('wrong')).rejects.toThrow('refused: 1');
    expect(await session.outcome).toMatchObject({ code: 'sign-in-refused' });
  });

  it('is signed in to with the strongest method that it offers', async () => {
    await start(['VncAuth', 'TLSVnc', 'X509Vnc'], { password });
    await session!.viewer.offeredTypes();
    await session!.viewer.open();
    expect(session!.shownKeys).toHaveLength(1);
  });

  it.each([
    ['VncAuth', { password: 'wrong' }],
    ['TLSVnc', { password: 'wrong' }],
    ['Plain', { username: 'machinist', password: 'wrong' }],
  ] as const)('with %s gives the reason for refusing', async (type, credentials) => {
    await start([type], credentials);
    await session!.viewer.offeredTypes();
    expect(await session!.viewer.refusal()).toMatch(
      /^Could not sign in to the VNC server on endpoint "Panel"\. The server says "Authentication failure/,
    );
    expect(await session!.outcome).toMatchObject({ code: 'sign-in-refused' });
  });

  it('reports too many failed attempts', async () => {
    const args = ['-BlacklistThreshold', '2', '-BlacklistTimeout', '60'];
    server = await startXvnc({ securityTypes: ['VncAuth'], password, args });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      session = await VncSession.start(server.port, {
        credentials: { password: 'wrong' },
        isRawClient: false,
      });
      await session.outcome;
      session.end();
    }
    session = await VncSession.start(server.port, {
      credentials: { password },
      isRawClient: false,
    });
    expect(await session.outcome).toMatchObject({
      code: 'target-failed',
      message: expect.stringMatching(/refused the connection: "Too many security failures"\.$/),
    });
  });
});

describe('a scripted server', () => {
  const start = async (version: string, security: readonly VncSecurity[]): Promise<ScriptedVnc> => {
    const scripted = await startScriptedVnc({ version, security, echoes: true });
    server = scripted;
    session = await VncSession.start(scripted.port, {
      credentials: scripted.user,
      rules: UNENCRYPTED,
    });
    return scripted;
  };

  const opensAndEchoes = async (): Promise<void> => {
    const { viewer } = session!;
    expect(await viewer.offeredTypes()).toEqual([1]);
    expect(await viewer.open()).toEqual({ width: 320, height: 200, name: 'Scripted' });
    const sent = Buffer.from('What goes on behind the sign-in.'.repeat(1000));
    viewer.say(sent);
    expect((await viewer.take(sent.length)).equals(sent)).toBe(true);
  };

  it.each([
    ['003.003', '003.003'],
    ['003.005', '003.003'],
    ['003.007', '003.007'],
    ['003.008', '003.008'],
    ['003.889', '003.008'],
    ['004.000', '003.008'],
    ['004.001', '003.008'],
    ['005.000', '003.008'],
    ['005.003', '003.008'],
  ])('of version %s is answered with %s', async (version, answer) => {
    for (const security of [PASSWORD_SECURITY, NO_SECURITY]) {
      const scripted = await start(version, [security]);
      await opensAndEchoes();
      expect(scripted.answeredVersions).toEqual([answer]);
      session!.end();
      await scripted.stop();
    }
  });

  it.each([
    ['Apple', APPLE_SECURITY],
    ['MS-Logon II', MS_LOGON_SECURITY],
    ['RA2', rsaAesSecurity({ type: 5 })],
    ['RA2ne', rsaAesSecurity({ type: 6 })],
    ['RA2ne with only a password', rsaAesSecurity({ type: 6, asks: 'password' })],
    ['RA2-256', rsaAesSecurity({ type: 129 })],
    ['RA2ne-256', rsaAesSecurity({ type: 130 })],
    ['Tight with a password', TIGHT_PASSWORD_SECURITY],
    ['Tight without a password', TIGHT_NO_SECURITY],
  ])('with %s accepts the sign-in', async (_name, security) => {
    const scripted = await start('003.008', [security]);
    await opensAndEchoes();
    expect(scripted.chosenTypes).toEqual([security.type]);
  });

  it.each([
    ['no security', NO_SECURITY],
    ['a VNC password', PASSWORD_SECURITY],
    ['RA2', rsaAesSecurity({ type: 5 })],
    ['RA2ne', rsaAesSecurity({ type: 6 })],
    ['Tight', TIGHT_PASSWORD_SECURITY],
  ])('with %s gets requests for its picture from a view-only viewer', async (_name, security) => {
    const scripted = await startScriptedVnc({
      version: '003.008',
      security: [security],
      echoes: true,
    });
    server = scripted;
    session = await VncSession.start(scripted.port, {
      credentials: scripted.user,
      rules: UNENCRYPTED,
      isViewOnly: true,
    });
    const { viewer } = session;
    expect(await viewer.offeredTypes()).toEqual([1]);
    expect(await viewer.open(false)).toEqual({ width: 320, height: 200, name: 'Scripted' });
    const request = Buffer.of(3, 1, 0, 0, 0, 0, 1, 0, 1, 0);
    const key = Buffer.of(4, 1, 0, 0, 0, 0, 0, 0x66);
    viewer.say(Buffer.concat([key, request, key, request]));
    expect(await viewer.take(20)).toEqual(Buffer.concat([request, request]));
    expect(scripted.received()).toHaveLength(20);
    expect(scripted.sharedFlags).toEqual([1]);
  });

  it.each([
    ['Apple', APPLE_SECURITY],
    ['MS-Logon II', MS_LOGON_SECURITY],
    ['RA2', rsaAesSecurity({ type: 5 })],
    ['RA2ne', rsaAesSecurity({ type: 6 })],
    ['Tight', TIGHT_PASSWORD_SECURITY],
  ])('with %s refuses a wrong password with a reason', async (_name, security) => {
    const scripted = await startScriptedVnc({ version: '003.008', security: [security] });
    server = scripted;
    const credentials = { username: scripted.user.username, password: 'wrong' };
    const options = { credentials, isRawClient: false, rules: UNENCRYPTED };
    session = await VncSession.start(scripted.port, options);
    expect(await session.outcome).toMatchObject({
      code: 'sign-in-refused',
      message: expect.stringContaining('The server says "Authentication failure".'),
    });
  });
});
