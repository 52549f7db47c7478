import {
  LATIN1_PASSWORD_SECURITY,
  NO_SECURITY,
  PASSWORD_SECURITY,
  type ScriptedVnc,
  type ScriptedVncOptions,
  startScriptedVnc,
  tlsSecurity,
} from '@remote-access/testkit';
import { VncSession } from '../fixtures/vnc-session';

let server: ScriptedVnc | undefined;
let session: VncSession | undefined;
afterEach(async () => {
  session?.end();
  await server?.stop();
  server = session = undefined;
});

type Options = NonNullable<Parameters<typeof VncSession.start>[1]>;

async function start(
  script: Partial<ScriptedVncOptions>,
  options: Options = {},
): Promise<VncSession> {
  server = await startScriptedVnc({ version: '003.008', security: [PASSWORD_SECURITY], ...script });
  session = await VncSession.start(server.port, {
    credentials: { password: server.user.password },
    ...options,
  });
  return session;
}

describe('a wrong VNC password', () => {
  const credentials = { password: 'wrong' };

  it.each([
    ['with a result alone', 'Could not sign in'],
    ['by hanging up', 'closed the connection after it had received the credentials'],
    ['by silence', 'did not answer after it had received the credentials'],
  ] as const)('that is refused %s is reported as a refused sign-in', async (refuses, words) => {
    const { outcome } = await start({ refuses }, { credentials, handshakeTimeoutMs: 1_500 });
    const failure = await outcome;
    expect(failure?.code).toBe('sign-in-refused');
    expect(failure?.message).toContain(words);
  });

  it('that is refused within TLS is reported as a refused sign-in', async () => {
    const security = [tlsSecurity(PASSWORD_SECURITY)];
    const { outcome } = await start({ security, refuses: 'by hanging up' }, { credentials });
    expect((await outcome)?.code).toBe('sign-in-refused');
  });

  it.each(['after an OK', 'after an OK and arbitrary bytes'] as const)(
    'that is refused %s is reported as a refused sign-in',
    async refuses => {
      const { outcome, viewer } = await start({ refuses }, { credentials });
      await viewer.offeredTypes();
      await viewer.open().catch(() => undefined);
      expect((await outcome)?.code).toBe('sign-in-refused');
    },
  );
});

it('a server without a password that closes the connection is not a refused sign-in', async () => {
  const refusing = { ...NO_SECURITY, check: () => Promise.resolve(false) };
  const { outcome } = await start(
    { security: [refusing], refuses: 'by hanging up' },
    { credentials: {}, isViewOnly: true },
  );
  expect((await outcome)?.code).toBe('target-failed');
});

it.each([
  ['a password', PASSWORD_SECURITY],
  ['nothing', NO_SECURITY],
])('TLS without a certificate and %s within signs in', async (_name, within) => {
  const { viewer, outcome } = await start({ security: [tlsSecurity(within)] });
  await viewer.offeredTypes();
  expect(await viewer.open()).toMatchObject({ name: 'Scripted' });
  expect(server!.chosenTypes).toEqual([18]);
  expect(await outcome).toBeUndefined();
});

it.each(['003.003', '003.005', '003.014', '003.016'])(
  'a server that announces %s gets the handshake of 3.3',
  async version => {
    const { viewer } = await start({ version });
    await viewer.offeredTypes();
    expect(await viewer.open()).toMatchObject({ name: 'Scripted' });
    expect(server!.answeredVersions).toEqual(['003.003']);
  },
);

it.each([
  ['Latin-1', 'für', LATIN1_PASSWORD_SECURITY],
  ['Latin-1, cut after eight bytes', 'äöüäöüäöü', LATIN1_PASSWORD_SECURITY],
  ['UTF-8 where Latin-1 lacks a character', 'złoty', PASSWORD_SECURITY],
  ['UTF-8 within TLS', 'für', tlsSecurity(PASSWORD_SECURITY)],
])('a password is sent in %s', async (_name, password, security) => {
  const user = { username: '', password };
  const { viewer } = await start({ security: [security], user }, { credentials: { password } });
  await viewer.offeredTypes();
  expect(await viewer.open()).toMatchObject({ name: 'Scripted' });
});
