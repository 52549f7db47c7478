import { type ChangedEntry, isConfirmable, needsPassword, weakOptionsOf } from './changed-entry';
import type { EndpointEntry } from './endpoint-client';

const endpoint = (rest: Partial<ChangedEntry> = {}): ChangedEntry => ({
  id: '1',
  name: 'Shell',
  hostname: '10.0.0.5',
  port: 22,
  protocol: 'SSH',
  credentials: {
    type: 'USER_PASS',
    username: 'root',
    password: '{cipher}x',
    privateKey: null,
    publicKey: null,
    certificate: null,
    hostKey: 'ssh-ed25519 AAAA',
  },
  changed: { seen: 'digest' },
  ...rest,
});

describe('a confirmation', () => {
  it('is offered for changed endpoints that are not damaged', () => {
    const untouched: EndpointEntry = { ...endpoint() };
    delete untouched.changed;
    expect(isConfirmable(untouched)).toBe(false);
    expect(isConfirmable(endpoint())).toBe(true);
    expect(isConfirmable(endpoint({ damaged: ['port is missing'] }))).toBe(false);
  });

  it('asks for the password if the stored one does not belong to the endpoint', () => {
    expect(needsPassword(endpoint())).toBe(false);
    expect(needsPassword(endpoint({ unreadable: ['privateKey'] }))).toBe(false);
    expect(needsPassword(endpoint({ unreadable: ['password'] }))).toBe(true);
  });

  it('names what protects the endpoint less', () => {
    expect(weakOptionsOf(endpoint())).toEqual([]);
    const credentials = { ...endpoint().credentials, hostKey: null };
    expect(weakOptionsOf(endpoint({ credentials, legacyAlgorithms: true }))).toEqual([
      'No host key: any server is accepted',
      'Weak algorithms are allowed',
    ]);
    expect(weakOptionsOf(endpoint({ protocol: 'VNC', allowUnencryptedSignIn: true }))).toEqual([
      'Username and password may be sent unencrypted',
      'Keyboard and mouse are sent',
    ]);
    expect(weakOptionsOf(endpoint({ protocol: 'VNC', viewOnly: true }))).toEqual([]);
  });
});
