import {
  APPLE_SECURITY,
  MS_LOGON_SECURITY,
  NO_SECURITY,
  PASSWORD_SECURITY,
  rsaAesSecurity,
  startScriptedVnc,
  TIGHT_NO_SECURITY,
  TIGHT_PASSWORD_SECURITY,
  type ScriptedVnc,
} from '@remote-access/testkit';
import { NovncClient } from '../fixtures/novnc-client';

// The scripted servers and our side of the sign-in were written together and may share mistakes.
// noVNC is an independent client.

let server: ScriptedVnc | undefined;
let client: NovncClient | undefined;

afterEach(async () => {
  await client?.close();
  await server?.stop();
  client = server = undefined;
});

const SECURITY = {
  None: NO_SECURITY,
  'VNC password': PASSWORD_SECURITY,
  Apple: APPLE_SECURITY,
  'MS-Logon II': MS_LOGON_SECURITY,
  RA2ne: rsaAesSecurity({ type: 6 }),
  'RA2ne with a password alone': rsaAesSecurity({ type: 6, asks: 'password' }),
  'Tight with a password': TIGHT_PASSWORD_SECURITY,
  'Tight without': TIGHT_NO_SECURITY,
};

it.each(Object.entries(SECURITY))('noVNC signs in with %s', async (_name, security) => {
  server = await startScriptedVnc({ version: '003.008', security: [security] });
  client = await NovncClient.open(server.port, server.user);
  await client.settled();
  expect(client).toMatchObject({ screenName: 'Scripted', refusal: undefined });
});

it.each(Object.entries(SECURITY).filter(([name]) => !/None|without/.test(name)))(
  'noVNC is refused with a wrong password and %s',
  async (_name, security) => {
    server = await startScriptedVnc({ version: '003.008', security: [security] });
    client = await NovncClient.open(server.port, { ...server.user, password: 'wrong' });
    await client.settled();
    expect(client.screenName).toBeUndefined();
    expect(client.refusal).toBe('Authentication failure');
  },
);

it.each(['003.003', '003.007', '003.889', '004.000', '005.000'])(
  'noVNC works with a server of version %s',
  async version => {
    server = await startScriptedVnc({ version, security: [PASSWORD_SECURITY] });
    client = await NovncClient.open(server.port, server.user);
    await client.settled();
    expect(client.screenName).toBe('Scripted');
  },
);
