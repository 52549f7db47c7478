import { chopped, randomSource } from '@remote-access/testkit';
import { ServerGreeting, ServerOffer } from './server-greeting';

function describeServer(...pieces: (string | Buffer)[]): string {
  const greeting = new ServerGreeting();
  for (const piece of pieces) greeting.add(Buffer.from(piece as string));
  return greeting.describe();
}

it.each([
  ['RFB 003.008\n', 'a VNC (RFB) server'],
  ['HTTP/1.1 400 Bad Request\r\n', 'a web (HTTP) server'],
  [Buffer.from([0x15, 3, 3, 0, 2]), 'a TLS server'],
  [Buffer.from([0xff, 0xfd, 0x18]), 'a Telnet server'],
  ['220 (vsFTPd 3.0.3)\r\n', 'an FTP server'],
  ['220 mail ESMTP\r\n', 'a mail or FTP server'],
])('identifies the server that sends %j', (says, kind) => {
  expect(describeServer(says)).toBe(`This is ${kind}, not an SSH server.`);
  const bytes = Buffer.from(says as string);
  expect(describeServer(...Array.from(bytes, byte => Buffer.from([byte])))).toContain(kind);
});

it.each(['SSH-2.0-OpenSSH_9.2\r\n', 'Welcome\r\nSSH-2.0-x\r\n'])(
  'recognizes an SSH server by %j',
  says => {
    const greeting = new ServerGreeting();
    greeting.add(Buffer.from(says));
    expect(greeting).toMatchObject({ isSsh: true, isOther: false });
  },
);

const afterPages = `${'Keep out!\r\n'.repeat(100)}SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n`;

it.each([...chopped(Buffer.from(afterPages), 10)].map(one => [one.name, one] as const))(
  'finds the identification after pages of other lines, %s',
  (_name, { pieces }) => {
    const greeting = new ServerGreeting();
    for (const piece of pieces) greeting.add(piece);
    greeting.add(Buffer.from('SSH-1.99-later\r\n'));
    expect(greeting).toMatchObject({ isSsh: true, software: 'OpenSSH_9.2p1 Debian-2' });
  },
);

it('takes only the beginning of a line for the identification', () => {
  const greeting = new ServerGreeting();
  greeting.add(Buffer.from(`Welcome to SSH-land ${'.'.repeat(300)}SSH-2.0-x\r\n`));
  expect(greeting).toMatchObject({ isSsh: false, software: '' });
});

it('keeps no more bytes than it needs', () => {
  expect(describeServer('x'.repeat(10_000_000)).length).toBeLessThan(200);
});

const LISTS = [
  'curve25519-sha256,kex-strict-s-v00@openssh.com',
  'ssh-ed25519,rsa-sha2-512',
  'aes128-ctr',
  'aes256-gcm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
  'none',
  'none',
  '',
  '',
];
const offered = {
  kex: ['curve25519-sha256', 'kex-strict-s-v00@openssh.com'],
  hostKey: ['ssh-ed25519', 'rsa-sha2-512'],
  cipher: ['aes256-gcm@openssh.com'],
  mac: ['hmac-sha2-512'],
};

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function packet(payload: Buffer, padding = 6): Buffer {
  const head = Buffer.concat([uint32(1 + payload.length + padding), Buffer.from([padding])]);
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

const kexInit = Buffer.concat([
  Buffer.from([20]),
  Buffer.alloc(16, 7),
  ...LISTS.flatMap(list => [uint32(list.length), Buffer.from(list)]),
  Buffer.alloc(5),
]);
const greeting = Buffer.from('Welcome to SSH-land\r\nSSH-2.0-OpenSSH_9.2\r\n');

it.each([...chopped(Buffer.concat([greeting, packet(kexInit)]), 10)].map(one => [one.name, one]))(
  'reads the algorithms that a server offers, %s',
  (_name, { pieces }) => {
    const offer = new ServerOffer();
    for (const piece of pieces) offer.add(piece);
    expect(offer.algorithms).toEqual(offered);
    offer.add(Buffer.from('what comes later'));
    expect(offer.algorithms).toEqual(offered);
  },
);

it.each([
  ['another message', packet(Buffer.from([1, 2, 3]))],
  ['an empty payload', packet(Buffer.alloc(0), 0)],
  ['a truncated message', packet(kexInit.subarray(0, 40))],
  ['a list longer than the message', packet(Buffer.concat([kexInit.subarray(0, 17), uint32(9)]))],
  ['a packet of 2^31 bytes', Buffer.from([0x80, 0, 0, 0, 4, 20])],
])('does not accept %s as an offer', (_name, bytes) => {
  const offer = new ServerOffer();
  offer.add(Buffer.concat([greeting, bytes]));
  expect(offer.algorithms).toBeUndefined();
});

it('stops reading a server that sends endlessly', () => {
  const random = randomSource(1);
  const noise = Buffer.from(Array.from({ length: 10_000 }, () => Math.floor(random() * 256)));
  const offer = new ServerOffer();
  for (let at = 0; at < 100; at += 1) {
    offer.add(noise);
  }
  offer.add(Buffer.concat([greeting, packet(kexInit)]));
  expect(offer.algorithms).toBeUndefined();
});
