import { RemoteAccessError, type HostKeyMessage } from '@remote-access/contracts';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Server, utils, type AuthContext, type ServerChannel } from 'ssh2';
import { openShell, type ShellOptions } from './open-shell';
import { HostKey } from './host-key';
import type { SshSignIn } from './ssh-endpoint';

const ENDPOINT = { name: 'Press 4', hostname: '10.0.0.5', port: 22 };
const SIGN_IN: SshSignIn = { type: 'password', username: 'ana', password: 'right' };
const hostKey = utils.generateKeyPairSync('ed25519');
const otherKey = utils.generateKeyPairSync('ed25519');
const publicLine = (line: string): string => line.split(' ').slice(0, 2).join(' ');

/** Where ssh2 hands over what it has decrypted. */
interface Payloads {
  readonly _decipher: { _onPayload: (payload: Buffer) => void };
}

interface TestServer {
  readonly port: number;
  /** Methods of the attempts to sign in, in order, also those that carry no secret. */
  readonly attempts: string[];
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Serves TCP connections on loopback until the end of the test. */
async function listen(serve: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer(socket => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise(resolve => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** An SSH server of ssh2 that records every attempt to sign in. */
async function sshServer(
  answer: (context: AuthContext) => void = takeRightPassword,
  onShell: (channel: ServerChannel) => void = channel => channel.end('hello'),
): Promise<TestServer> {
  const attempts: string[] = [];
  const server = new Server({ hostKeys: [hostKey.private] }, client => {
    client.on('error', () => client.end());
    client.on('authentication', context => {
      attempts.push(context.method);
      answer(context);
    });
    client.on('session', accept => {
      const session = accept();
      session.on('pty', acceptPty => acceptPty());
      session.on('window-change', acceptChange => acceptChange?.());
      session.on('shell', acceptShell => onShell(acceptShell()));
    });
  });
  return { port: await listen(socket => server.injectSocket(socket)), attempts };
}

function takeRightPassword(context: AuthContext): void {
  if (context.method === 'password' && context.password === 'right') context.accept();
  else context.reject(['password']);
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  closing.push(() => {
    const closed = socket.closed ? Promise.resolve() : once(socket, 'close');
    socket.destroy();
    return Promise.resolve(closed);
  });
  return socket;
}

async function shellOn(port: number, options: Partial<ShellOptions> = {}) {
  return openShell({
    socket: await dial(port),
    endpoint: ENDPOINT,
    signIn: SIGN_IN,
    pinnedHostKeys: null,
    size: () => ({ cols: 80, rows: 24 }),
    ...options,
  });
}

async function failure(work: Promise<unknown>): Promise<RemoteAccessError> {
  const outcome = await work.then(
    () => new Error('It opened a shell'),
    (cause: unknown) => cause,
  );
  if (!(outcome instanceof RemoteAccessError)) throw outcome;
  return outcome;
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('signing in', () => {
  it('opens a shell with the stored password', async () => {
    const { port, attempts } = await sshServer();
    const shell = await shellOn(port);
    expect(await readAll(shell)).toBe('hello');
    expect(attempts).toEqual(['none', 'password']);
  });

  it('tries a wrong password once and says so in the words of the contract', async () => {
    const { port, attempts } = await sshServer();
    const signIn = { ...SIGN_IN, password: 'wrong' } as const;
    const { code, message } = await failure(shellOn(port, { signIn }));
    expect(code).toBe('sign-in-refused');
    expect(message).toBe(
      'Could not login to ssh server on endpoint "Press 4". ' +
        'Provided credential for user "ana" is incorrect.',
    );
    expect(attempts).toEqual(['none', 'password']);
  });

  it('answers a single hidden prompt with the password', async () => {
    const { port } = await sshServer(context => {
      if (context.method !== 'keyboard-interactive')
        return context.reject(['keyboard-interactive']);
      return context.prompt([{ prompt: 'Password: ', echo: false }], ([given]) => {
        if (given === 'right') context.accept();
        else context.reject();
      });
    });
    expect(await readAll(await shellOn(port))).toBe('hello');
  });

  it.each([
    ['a visible prompt', [{ prompt: 'Password: ', echo: true }]],
    [
      'two prompts',
      [
        { prompt: 'Password: ', echo: false },
        { prompt: 'Code: ', echo: false },
      ],
    ],
  ])('gives the password to no %s', async (_name, prompts) => {
    let answered = false;
    const { port } = await sshServer(context => {
      if (context.method !== 'keyboard-interactive')
        return context.reject(['keyboard-interactive']);
      return context.prompt(prompts, () => (answered = true));
    });
    const { code, message } = await failure(shellOn(port));
    expect(code).toBe('sign-in-refused');
    expect(message).toContain('asks for more than the stored password ("Password:")');
    expect(answered).toBe(false);
  });

  it('signs in with an OpenSSH private key', async () => {
    const own = utils.generateKeyPairSync('ed25519');
    const expected = HostKey.fromBlob(Buffer.from(own.public.split(' ')[1]!, 'base64'))!;
    const { port, attempts } = await sshServer(context => {
      if (context.method === 'publickey' && context.key.data.equals(expected.blob))
        context.accept();
      else context.reject(['publickey']);
    });
    const signIn = { type: 'key', username: 'ana', privateKey: own.private } as const;
    expect(await readAll(await shellOn(port, { signIn }))).toBe('hello');
    expect(attempts).toContain('publickey');
  });

  it.each([
    ['garbage', () => 'no key at all', 'has a format that cannot be read'],
    [
      'an encrypted key',
      () =>
        utils.generateKeyPairSync('ed25519', { passphrase: 'x', cipher: 'aes256-ctr', rounds: 1 })
          .private,
      'is protected with a passphrase',
    ],
    ['a public key', () => otherKey.public, 'is not a private key'],
    ['ten million characters', () => 'A'.repeat(10_000_000), 'is too large'],
  ])('refuses %s before it says a word to the server', async (_name, make, words) => {
    const { port, attempts } = await sshServer();
    const signIn = { type: 'key', username: 'ana', privateKey: make() } as const;
    const { code, message } = await failure(shellOn(port, { signIn }));
    expect(code).toBe('credentials-unusable');
    expect(message).toContain(words);
    expect(attempts).toEqual([]);
  });
});

describe('the host key', () => {
  it('is told as new where none is pinned', async () => {
    const { port } = await sshServer();
    const messages: HostKeyMessage[] = [];
    await shellOn(port, { onHostKey: message => messages.push(message) });
    expect(messages).toEqual([
      {
        type: 'host-key',
        keyType: 'ssh-ed25519',
        sha256: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/) as string,
        md5: expect.stringMatching(/^MD5(:[0-9a-f]{2}){16}$/) as string,
        randomart: expect.stringMatching(/^\+--\[ED25519 256\]--\+\n/) as string,
        state: 'new',
        question: false,
      },
    ]);
  });

  it('is told as known where it is one of several pinned ones', async () => {
    const { port } = await sshServer();
    const states: string[] = [];
    await shellOn(port, {
      pinnedHostKeys: `${publicLine(otherKey.public)} old\n${publicLine(hostKey.public)}\n`,
      onHostKey: ({ state }) => states.push(state),
    });
    expect(states).toEqual(['known']);
  });

  it('gets no attempt to sign in when it is another than the pinned one', async () => {
    const { port, attempts } = await sshServer();
    const shown = HostKey.fromBlob(Buffer.from(hostKey.public.split(' ')[1]!, 'base64'))!;
    const { code, message } = await failure(
      shellOn(port, { pinnedHostKeys: publicLine(otherKey.public) }),
    );
    expect(code).toBe('host-key-mismatch');
    expect(message).toBe(
      'Could not connect to endpoint Press 4. Could not verify `ssh-ed25519` host key with ' +
        `fingerprint \`${shown.sha256}\` for \`10.0.0.5\` on port 22. If you expected that key, ` +
        'please remove the previous one from configuration to allow for connection.',
    );
    expect(attempts).toEqual([]);
  });

  it.each([
    ['no base64', 'ssh-ed25519 ???'],
    ['a type alone', 'ssh-ed25519'],
    ['spaces', '  \n '],
    ['another type in front', `ssh-rsa ${hostKey.public.split(' ')[1]!}`],
    ['a good line and a broken one', `${publicLine(hostKey.public)}\nssh-ed25519 AAAA`],
  ])('that is pinned as %s refuses instead of passing any', async (_name, pinnedHostKeys) => {
    const { port, attempts } = await sshServer();
    const { code } = await failure(shellOn(port, { pinnedHostKeys }));
    expect(code).toBe('credentials-unusable');
    expect(attempts).toEqual([]);
  });
});

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

describe('the shell', () => {
  it('ends with the exit status', async () => {
    const { port } = await sshServer(takeRightPassword, channel => {
      channel.exit(7);
      channel.end('bye');
    });
    const shell = await shellOn(port);
    expect(await readAll(shell)).toBe('bye');
    expect(shell.exitStatus).toBe(7);
    expect(shell.connectionLost).toBe(false);
  });

  it('ends with the signal that ended it', async () => {
    const { port } = await sshServer(takeRightPassword, channel => {
      channel.exit('TERM', true, 'gone');
      channel.end();
    });
    const shell = await shellOn(port);
    await readAll(shell);
    expect(shell.exitStatus).toBeUndefined();
    expect(shell.exitSignal).toBe('SIGTERM');
    expect(shell.connectionLost).toBe(false);
  });

  it('carries a break of half a second', async () => {
    const requests: Buffer[] = [];
    const { port } = await sshServer(takeRightPassword, channel => {
      const { _protocol } = (channel as unknown as { _client: { _protocol: Payloads } })._client;
      const usual = _protocol._decipher._onPayload;
      _protocol._decipher._onPayload = payload => {
        requests.push(Buffer.from(payload));
        usual(payload);
        channel.write('.');
      };
      channel.write('hello');
    });
    const shell = await shellOn(port);
    await once(shell, 'data');
    shell.sendBreak();
    await once(shell, 'data');
    shell.destroy();
    const [request] = requests;
    // RFC 4335 3: the channel, "break", no answer wanted, milliseconds.
    expect(request?.subarray(5).toString('latin1')).toBe('\0\0\0\x05break\0\0\0\x01\xf4');
    expect(request?.[0]).toBe(98);
    shell.sendBreak();
  });

  it('passes bytes of every value untouched in both directions', async () => {
    const { port } = await sshServer(takeRightPassword, channel => channel.pipe(channel));
    const shell = await shellOn(port);
    const every = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
    shell.write(every);
    const [echo] = (await once(shell, 'data')) as [Buffer];
    expect(echo.equals(every)).toBe(true);
    shell.destroy();
  });

  it('hangs up when it is ended', async () => {
    let hungUp: Promise<unknown> = Promise.resolve();
    const { port } = await sshServer(takeRightPassword, channel => {
      hungUp = once(channel.resume(), 'close');
    });
    const shell = await shellOn(port);
    shell.resume().end();
    await hungUp;
  });

  it('takes the size that is newest when the terminal is ready', async () => {
    const sizes: [number, number][] = [];
    const changed = new Promise<void>(resolve => {
      const server = new Server({ hostKeys: [hostKey.private] }, client => {
        client.on('error', () => client.end());
        client.on('authentication', takeRightPassword);
        client.on('session', accept => {
          const session = accept();
          session.on('pty', (acceptPty, _reject, { cols, rows }) => {
            sizes.push([cols, rows]);
            acceptPty();
          });
          session.on('window-change', (_accept, _reject, { cols, rows }) => {
            sizes.push([cols, rows]);
            resolve();
          });
          session.on('shell', acceptShell => acceptShell());
        });
      });
      let asked = 0;
      void listen(socket => server.injectSocket(socket)).then(port =>
        shellOn(port, { size: () => ({ cols: (asked += 100), rows: 30 }) }),
      );
    });
    await changed;
    expect(sizes).toEqual([
      [100, 30],
      [200, 30],
    ]);
  });

  it('tells that the connection was lost under it', async () => {
    const server = await sshServer(takeRightPassword, channel => channel.write('x'));
    const socket = await dial(server.port);
    const shell = await shellOn(server.port, { socket });
    shell.once('data', () => socket.destroy());
    await once(shell, 'end');
    expect(shell.connectionLost).toBe(true);
  });

  it('holds a flood back while nobody reads, and delivers all of it afterwards', async () => {
    const total = 64 * 1024 * 1024;
    let sent = 0;
    const { port } = await sshServer(takeRightPassword, channel => {
      const chunk = Buffer.alloc(64 * 1024, 0x61);
      const fill = (): void => {
        while (sent < total) {
          sent += chunk.length;
          if (!channel.write(chunk)) return;
        }
        channel.end();
      };
      channel.on('drain', fill);
      fill();
    });
    const shell = await shellOn(port);
    await once(shell, 'readable');
    // The window is used up, and no more comes however long nobody reads.
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(sent).toBeLessThan(3 * 1024 * 1024);
    let received = 0;
    for await (const chunk of shell) received += (chunk as Buffer).length;
    expect(received).toBe(total);
  });
});
