import { hostKeyAlgorithms } from './algorithms';
import { HostKey } from './host-key';
import { PinnedHostKeys } from './pinned-host-keys';

// A key made with OpenSSH 9.2's ssh-keygen -t ed25519; both fingerprints are what it prints.
const LINE = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAnjlrUArt6VytmJ50znyEqz2Ws9nevGcF3VxUYiHEMY';
const SHA256 = 'SHA256:1pLB0XDFDo/Xx2VSwafGwmaZ/xUOVxR4/NQaB/ByxXo';
const MD5 = 'MD5:86:b2:d1:29:5d:a4:97:ee:67:3e:d7:d7:25:12:10:48';

const keyOf = (line: string): HostKey =>
  HostKey.fromBlob(Buffer.from(line.split(' ')[1]!, 'base64'))!;

/** RFC 4253 6.6, with a body of so many zeros. */
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
  ['a type with a line end', blobOf('ssh-\n')],
  ['nothing but a type', blobOf('ssh-ed25519', 0)],
])('takes %s for no key', (_name, blob) => {
  expect(HostKey.fromBlob(blob)).toBeUndefined();
});

it.each([null, undefined, ''])('has no pin where %j is stored', text => {
  expect(PinnedHostKeys.parse(text).isEmpty).toBe(true);
});

it('reads several lines, with comments and either line end', () => {
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
])('refuses a pin that cannot be read: %j', text => {
  expect(() => PinnedHostKeys.parse(text)).toThrow(/cannot be read/);
});

it('is offered first, in every way that its type can sign', () => {
  const first = (type: string, legacy = false): string[] =>
    hostKeyAlgorithms([type], legacy).slice(0, 3);
  expect(first('ssh-rsa')).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']);
  expect(first('ssh-rsa', true)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']);
  expect(first('ecdsa-sha2-nistp256')[0]).toBe('ecdsa-sha2-nistp256');
  expect(first('ssh-dss', true)[0]).toBe('ssh-dss');
});

it.each([[[]], [['ssh-dss']], [['ssh-rsa']]])(
  'leaves SHA-1 and DSA out of the offer unless weak algorithms are allowed, with %j pinned',
  pinned => {
    const offer = hostKeyAlgorithms(pinned, false);
    expect(offer).not.toContain('ssh-rsa');
    expect(offer).not.toContain('ssh-dss');
    expect(new Set(offer).size).toBe(offer.length);
    expect(hostKeyAlgorithms(pinned, true)).toEqual(
      expect.arrayContaining(['ssh-rsa', 'ssh-dss', ...offer]),
    );
  },
);
