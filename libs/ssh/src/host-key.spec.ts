import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, type TemporaryFolder } from '@remote-access/testkit';
import { HostKey } from './host-key';

let folder: TemporaryFolder;
beforeAll(() => (folder = temporaryFolder('host-key')));
afterAll(() => folder.remove());

function keyOf(line: string): HostKey {
  return HostKey.fromBlob(Buffer.from(line.split(' ')[1]!, 'base64'))!;
}

it.each([
  ['ed25519', '256'],
  ['ecdsa', '521'],
  ['rsa', '2048'],
])('a key of type %s with %s bits looks as ssh-keygen shows it', (type, bits) => {
  for (let round = 0; round < 3; round += 1) {
    const file = join(folder.path, `${type}-${round}`);
    execFileSync('ssh-keygen', ['-q', '-t', type, '-b', bits, '-N', '', '-f', file]);
    const key = keyOf(readFileSync(`${file}.pub`, 'utf8'));
    const shown = execFileSync('ssh-keygen', ['-lv', '-f', `${file}.pub`], { encoding: 'utf8' });
    const [summary, ...picture] = shown.trimEnd().split('\n');
    expect(`${key.bits} ${key.sha256}`).toBe(summary!.split(' ').slice(0, 2).join(' '));
    expect(key.randomart).toBe(picture.join('\n'));
    expect(key.line).toBe(
      readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ').trim(),
    );
  }
});

it.each([
  ['nothing', Buffer.alloc(0)],
  ['a length alone', Buffer.from([0, 0, 0, 7])],
  ['a type of 2^31 characters', Buffer.from([0x80, 0, 0, 0, 1, 2, 3])],
  ['a type with controls', Buffer.from([0, 0, 0, 2, 7, 7, 0])],
])('%s is no key', (_name, blob) => {
  expect(HostKey.fromBlob(blob)).toBeUndefined();
});

it.each([
  ['an RSA key that is cut off', 'ssh-rsa', Buffer.from([0, 0, 0, 9, 1])],
  ['a DSA key of nothing', 'ssh-dss', Buffer.from([0])],
])('%s has no size, and is shown all the same', (_name, type, rest) => {
  const head = Buffer.from([0, 0, 0, type.length]);
  const key = HostKey.fromBlob(Buffer.concat([head, Buffer.from(type), rest]))!;
  expect(key.bits).toBe(0);
  expect(key.randomart.split('\n')).toHaveLength(11);
});
