import { failure, leavingServer, listen, shellOn } from './open-shell.fixture';

describe('servers of another kind', () => {
  it.each([
    ['RFB 003.008\n', 'This is a VNC (RFB) server, not an SSH server.'],
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'This is a web (HTTP) server, not an SSH server.'],
    ['\u0007wh\u202eat?\r\n', 'it began with "wh at?"'],
    ['', 'It ended the connection without sending anything.'],
  ])('are named by what they say: %j', async (says, words) => {
    const port = await listen(socket => {
      socket.end(says);
    });
    const { code, message } = await failure(shellOn(port));
    expect(code).toBe('target-failed');
    expect(message).toContain(words);
  });

  it('are ended when they never stop greeting', async () => {
    const port = await listen(socket => {
      const greet = (): void => {
        while (!socket.destroyed && socket.write('welcome\r\n'.repeat(100)));
      };
      socket.on('drain', greet);
      greet();
    });
    expect((await failure(shellOn(port))).code).toBe('target-failed');
  });

  it('are ended when a packet claims 2^31 bytes', async () => {
    const port = await listen(socket => {
      socket.write('SSH-2.0-liar\r\n');
      socket.write(Buffer.from([0x80, 0, 0, 0, 4, 20, 0, 0]));
    });
    expect((await failure(shellOn(port))).code).toBe('target-failed');
  });

  it('are given up when they say nothing', async () => {
    const port = await listen(socket => {
      socket.resume();
    });
    expect((await failure(shellOn(port, { handshakeDeadlineMs: 50 }))).code).toBe('target-timeout');
  });
});

describe('servers that go away', () => {
  it.each([
    ['authentication', 'It ended the connection during the sign-in.'],
    ['session', 'It took the sign-in and then ended the connection, before it had opened a shell.'],
  ] as const)('are told with how far it came: %s', async (at, words) => {
    const { code, message } = await failure(shellOn(await leavingServer(at)));
    expect(code).toBe('target-failed');
    expect(message).toBe(`Could not connect to endpoint "Press 4". ${words}`);
  });
});
