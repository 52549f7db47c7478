import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, type TemporaryFolder } from '@remote-access/testkit';
import { HostKey, PinnedHostKeys } from './host-key';

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
])('shows a key of type %s with %s bits as ssh-keygen does', (type, bits) => {
  // Generating an RSA key takes much longer than the others.
  for (let round = 0; round < (type === 'rsa' ? 1 : 3); round += 1) {
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
  ['a type with control characters', Buffer.from([0, 0, 0, 2, 7, 7, 0])],
])('rejects %s as a key', (_name, blob) => {
  expect(HostKey.fromBlob(blob)).toBeUndefined();
});

it.each([
  ['a truncated RSA key', 'ssh-rsa', Buffer.from([0, 0, 0, 9, 1])],
  ['an empty DSA key', 'ssh-dss', Buffer.from([0])],
])('shows %s without a size', (_name, type, rest) => {
  const head = Buffer.from([0, 0, 0, type.length]);
  const key = HostKey.fromBlob(Buffer.concat([head, Buffer.from(type), rest]))!;
  expect(key.bits).toBe(0);
  expect(key.randomart.split('\n')).toHaveLength(11);
});

// A key made with OpenSSH 9.2's ssh-keygen -t ed25519; both fingerprints are what it prints.
const LINE = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAnjlrUArt6VytmJ50znyEqz2Ws9nevGcF3VxUYiHEMY';
const SHA256 = 'SHA256:1pLB0XDFDo/Xx2VSwafGwmaZ/xUOVxR4/NQaB/ByxXo';
const MD5 = 'MD5:86:b2:d1:29:5d:a4:97:ee:67:3e:d7:d7:25:12:10:48';

/** A key (RFC 4253 6.6) with zeros after its type. */
function blobOf(type: string, bodyLength = 32): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(type.length);
  return Buffer.concat([head, Buffer.from(type), Buffer.alloc(bodyLength)]);
}

it('has the fingerprints that ssh-keygen prints', () => {
  const key = keyOf(LINE);
  expect(key.type).toBe('ssh-ed25519');
  expect(key.sha256).toBe(SHA256);
  expect(key.md5).toBe(MD5);
});

it.each([
  ['empty', Buffer.alloc(0)],
  ['too short', Buffer.from([0, 0, 0])],
  ['a type longer than the blob', Buffer.from([0, 0, 0, 50, 65])],
  ['a type of 2^31', Buffer.from([0x80, 0, 0, 0, 65])],
  ['a type with a line feed', blobOf('ssh-\n')],
  ['only a type', blobOf('ssh-ed25519', 0)],
])('does not accept %s as a key', (_name, blob) => {
  expect(HostKey.fromBlob(blob)).toBeUndefined();
});

it.each([null, undefined, ''])('has no pinned keys if %j is stored', text => {
  expect(PinnedHostKeys.parse(text).isEmpty).toBe(true);
});

it('reads several lines with comments and either line ending', () => {
  const rsa = `ssh-rsa ${blobOf('ssh-rsa').toString('base64')}`;
  const pinned = PinnedHostKeys.parse(`${LINE} root@plc\r\n\n  ${rsa}\t`);
  expect(pinned.types).toEqual(['ssh-ed25519', 'ssh-rsa']);
  expect(pinned.has(keyOf(LINE))).toBe(true);
  expect(pinned.has(HostKey.fromBlob(blobOf('ssh-dss'))!)).toBe(false);
});

it.each([
  ' ',
  'ssh-ed25519',
  `ssh-ed25519 ${LINE.split(' ')[1]!.slice(0, 12)}*`,
  `ssh-rsa ${LINE.split(' ')[1]!}`,
  `${LINE}\nnonsense`,
  '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----',
  'A'.repeat(100_000),
])('refuses an unreadable pin: %j', text => {
  expect(() => PinnedHostKeys.parse(text)).toThrow(/cannot be read/);
});
