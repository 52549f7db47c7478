import { CREDENTIALS_OF, PROTOCOLS, type Endpoint } from '@remote-access/contracts';
import { isRefusal } from '../access/refusal';
import type { CredentialVault } from '../credentials/credential-vault';
import { ProtocolDrivers } from './protocol-drivers';
import { SshDriver } from './ssh-driver';

const drivers = new ProtocolDrivers(new SshDriver({} as CredentialVault));
const endpoint = (protocol: string, type: string): Endpoint =>
  ({
    id: '1',
    name: 'X',
    hostname: 'h',
    port: 1,
    protocol,
    credentials: { type, username: 'ana', password: null, privateKey: null, hostKey: null },
  }) as Endpoint;

it.each(PROTOCOLS.flatMap(protocol => CREDENTIALS_OF[protocol].map(type => [protocol, type])))(
  'serve %s with %s, or say in a sentence that they do not',
  (protocol, type) => {
    const driver = drivers.for(endpoint(protocol, type));
    if (!isRefusal(driver)) return;
    expect(driver.code).toBe('protocol-not-served');
    expect(driver.message).toMatch(/is not available yet\./);
  },
);

it.each(['PASS_ONLY', 'USER_PASS'])('never pass VNC with %s through without its sign-in', type => {
  expect(drivers.for(endpoint('VNC', type))).toMatchObject({ code: 'protocol-not-served' });
});

it('refuse an SSH certificate in a sentence', async () => {
  const driver = drivers.for(endpoint('SSH', 'CERTIFICATE'));
  if (isRefusal(driver)) throw driver;
  const place = { tenant: 't1', deviceId: '1', endpoint: endpoint('SSH', 'CERTIFICATE') };
  expect(await driver.prepare(place)).toMatchObject({ code: 'protocol-not-served' });
});

it('refuse an endpoint whose secret is not there', async () => {
  const driver = drivers.for(endpoint('SSH', 'USER_PASS'));
  if (isRefusal(driver)) throw driver;
  const place = { tenant: 't1', deviceId: '1', endpoint: endpoint('SSH', 'USER_PASS') };
  expect(await driver.prepare(place)).toMatchObject({ code: 'credentials-unusable' });
});
