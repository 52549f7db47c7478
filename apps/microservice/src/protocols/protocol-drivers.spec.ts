import type { Endpoint } from '@remote-access/contracts';
import type { Caller } from '../access/caller';
import type { SecretVault } from '../secrets/secret-vault';
import type { HostKeyTrust } from '../host-keys/host-key-trust';
import { ProtocolDrivers } from './protocol-drivers';
import { SshCredentials } from './ssh-credentials';
import { SshDriver } from './ssh-driver';
import { VncDriver } from './vnc-driver';

const caller = {} as Caller;
const vault = {} as SecretVault;
const credentials = new SshCredentials(vault);
const ssh = new SshDriver(credentials, {} as HostKeyTrust);
const drivers = new ProtocolDrivers(ssh, new VncDriver(vault, {} as HostKeyTrust));
const endpoint = (protocol: string, type: string): Endpoint =>
  ({
    id: '1',
    name: 'X',
    hostname: 'h',
    port: 1,
    protocol,
    credentials: { type, username: 'ana', password: null, privateKey: null, hostKey: null },
  }) as Endpoint;

const prepare = (protocol: string, type: string): Promise<unknown> => {
  const located = {
    tenant: 't1',
    deviceId: '1',
    endpoint: endpoint(protocol, type),
    binding: 'of the entry',
  };
  return drivers.for(located.endpoint).prepare(located, caller);
};

it('prepare VNC without a password', async () => {
  expect(await prepare('VNC', 'NONE')).toBeInstanceOf(Function);
});

it.each([
  ['SSH', 'USER_PASS'],
  ['SSH', 'KEY_PAIR'],
  ['SSH', 'CERTIFICATE'],
  ['VNC', 'PASS_ONLY'],
  ['VNC', 'USER_PASS'],
])('refuse %s with %s if its secret is missing', async (protocol, type) => {
  expect(await prepare(protocol, type)).toMatchObject({ code: 'credentials-unusable' });
});

it.each(['KEY_PAIR', 'CERTIFICATE'])(
  'refuse VNC with %s, which it does not support',
  async type => {
    expect(await prepare('VNC', type)).toMatchObject({ code: 'invalid-endpoint' });
  },
);
