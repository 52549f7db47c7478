import type { Endpoint, EndpointBody } from '@remote-access/contracts';
import { differences, isSameVersion } from './two-versions';

const STORED: Endpoint = {
  id: '1',
  name: 'Press',
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
    hostKey: null,
  },
};

const MINE: EndpointBody = {
  name: 'Press',
  hostname: '10.0.0.5',
  port: 22,
  protocol: 'SSH',
  credentialsType: 'USER_PASS',
  username: 'root',
  encoding: 'utf-8',
  legacyAlgorithms: false,
  command: null,
};

it('finds no difference between a form and the endpoint that it shows', () => {
  expect(differences(MINE, STORED)).toEqual([]);
});

it('shows the fields that differ, and no secret', () => {
  const theirs: Endpoint = { ...STORED, port: 2222, legacyAlgorithms: true };
  expect(differences({ ...MINE, name: 'Mine', password: 'secret' }, theirs)).toEqual([
    { label: 'Name', mine: 'Mine', theirs: 'Press' },
    { label: 'Port', mine: '22', theirs: '2222' },
    { label: 'Allow weak algorithms', mine: '', theirs: '✓' },
  ]);
});

it('recognizes the version that a list has shown', () => {
  expect(isSameVersion(STORED, { ...STORED, credentials: { ...STORED.credentials } })).toBe(true);
  expect(isSameVersion(STORED, { ...STORED, port: 23 })).toBe(false);
});
