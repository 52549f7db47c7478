import { ServerGreeting } from './server-greeting';

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
])('names the server that says %j', (says, kind) => {
  expect(describeServer(says)).toBe(`This is ${kind}, not an SSH server.`);
  const bytes = Buffer.from(says as string);
  expect(describeServer(...Array.from(bytes, byte => Buffer.from([byte])))).toContain(kind);
});

it.each(['SSH-2.0-OpenSSH_9.2\r\n', 'Welcome\r\nSSH-2.0-x\r\n'])(
  'knows an SSH server by %j',
  says => {
    const greeting = new ServerGreeting();
    greeting.add(Buffer.from(says));
    expect(greeting).toMatchObject({ isSsh: true, isOther: false });
  },
);

it('keeps no more than it needs', () => {
  expect(describeServer('x'.repeat(10_000_000)).length).toBeLessThan(200);
});
