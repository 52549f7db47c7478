import type { HostKeyMessage } from '@remote-access/contracts';
import { ed25519KeyPair } from '@remote-access/testkit';
import { HostKey } from '@remote-access/ssh-keys';
import { type AuthContext, utils } from 'ssh2';
import {
  acceptRightPassword,
  dial,
  failure,
  hostKey,
  inPieces,
  leavingServer,
  listen,
  readAll,
  shellOn,
  SIGN_IN,
  sshServer,
} from './open-shell.fixture';

const otherKey = ed25519KeyPair();
const publicLine = (line: string): string => line.split(' ').slice(0, 2).join(' ');

describe('signing in', () => {
  it('opens a shell with the stored password', async () => {
    const { port, attempts } = await sshServer();
    const shell = await shellOn(port);
    expect(await readAll(shell)).toBe('hello');
    expect(attempts).toEqual(['none', 'password']);
  });

  it("tries a wrong password once and reports it with the contract's message", async () => {
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
  ])('does not give the password to %s', async (_name, prompts) => {
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

  describe('with an OpenSSH private key', () => {
    const signInWith = (privateKey: string) =>
      ({ type: 'key', username: 'ana', privateKey }) as const;
    const accepts = (own: { public: string }, seen: boolean[] = []) => {
      const expected = Buffer.from(own.public.split(' ')[1]!, 'base64');
      return (context: AuthContext): void => {
        const isKey = context.method === 'publickey';
        if (isKey) seen.push(context.signature !== undefined);
        if (isKey && context.key.data.equals(expected)) context.accept();
        else context.reject(['publickey']);
      };
    };

    it.each([
      ['Ed25519', () => ed25519KeyPair(), ['publickey']],
      ['ECDSA', () => utils.generateKeyPairSync('ecdsa', { bits: 256 }), ['publickey']],
      // How it signs depends on what the server supports.
      ['RSA', () => utils.generateKeyPairSync('rsa', { bits: 2048 }), ['none', 'publickey']],
    ])('of type %s sends its signature with the first request', async (_type, make, methods) => {
      const own = make();
      const isSigned: boolean[] = [];
      const { port, attempts } = await sshServer(accepts(own, isSigned));
      const shell = await shellOn(port, { signIn: signInWith(own.private) });
      expect(await readAll(shell)).toBe('hello');
      expect(attempts).toEqual(methods);
      expect(isSigned).toEqual([true]);
    });

    it('tries a key once that the server refuses', async () => {
      const { port, attempts } = await sshServer(accepts(otherKey));
      const signIn = signInWith(ed25519KeyPair().private);
      const { code } = await failure(shellOn(port, { signIn }));
      expect(code).toBe('sign-in-refused');
      expect(attempts).toEqual(['publickey', 'none']);
    });

    it('opens a shell on a server that lets everybody in but knows no keys', async () => {
      const { port, attempts } = await sshServer(context => {
        if (context.method === 'none') context.accept();
        else context.reject([]);
      });
      const signIn = signInWith(ed25519KeyPair().private);
      expect(await readAll(await shellOn(port, { signIn }))).toBe('hello');
      expect(attempts).toEqual(['publickey', 'none']);
    });

    it('signs nothing for a server whose host key is not the pinned one', async () => {
      const { port, attempts } = await sshServer();
      const signIn = signInWith(ed25519KeyPair().private);
      const { code } = await failure(shellOn(port, { signIn, pinnedHostKeys: otherKey.public }));
      expect(code).toBe('host-key-mismatch');
      expect(attempts).toEqual([]);
    });
  });

  it.each([
    ['garbage', () => 'no key at all', 'has a format that cannot be read'],
    [
      'an encrypted key',
      () => ed25519KeyPair({ passphrase: 'x', cipher: 'aes256-ctr', rounds: 1 }).private,
      'is protected with a passphrase',
    ],
    ['a public key', () => otherKey.public, 'is not a private key'],
    ['ten million characters', () => 'A'.repeat(10_000_000), 'is too large'],
  ])('refuses %s before anything is sent to the server', async (_name, make, words) => {
    const { port, attempts } = await sshServer();
    const signIn = { type: 'key', username: 'ana', privateKey: make() } as const;
    const { code, message } = await failure(shellOn(port, { signIn }));
    expect(code).toBe('credentials-unusable');
    expect(message).toContain(words);
    expect(attempts).toEqual([]);
  });
});

describe('the host key', () => {
  it('is reported as new when none is pinned', async () => {
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

  it('is reported as known when it is one of several pinned keys', async () => {
    const { port } = await sshServer();
    const states: string[] = [];
    await shellOn(port, {
      pinnedHostKeys: `${publicLine(otherKey.public)} old\n${publicLine(hostKey.public)}\n`,
      onHostKey: ({ state }) => states.push(state),
    });
    expect(states).toEqual(['known']);
  });

  it('is not signed in to if it is marked as revoked, even if nothing else is pinned', async () => {
    const revoked = `@revoked ${publicLine(hostKey.public)}`;
    for (const pinnedHostKeys of [revoked, `${publicLine(hostKey.public)}\n${revoked}`]) {
      const { port, attempts } = await sshServer();
      const { code, message } = await failure(shellOn(port, { pinnedHostKeys }));
      expect(code).toBe('host-key-mismatch');
      expect(message).toContain('revoked');
      expect(attempts).toEqual([]);
    }
  });

  it('is verified again on rekeying, and the shell continues', async () => {
    const { port } = await sshServer(undefined, (channel, client) => {
      channel.write('before, ');
      client.rekey(() => channel.end('after'));
    });
    expect(await readAll(await shellOn(port))).toBe('before, after');
  });

  it('is not signed in to if it differs from the pinned one', async () => {
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
    ['text that is not base64', 'ssh-ed25519 ???'],
    ['a type alone', 'ssh-ed25519'],
    ['spaces', '  \n '],
    ['a different type in front', `ssh-rsa ${hostKey.public.split(' ')[1]!}`],
    ['a good line and a broken one', `${publicLine(hostKey.public)}\nssh-ed25519 AAAA`],
  ])(
    'pinned as %s refuses the connection instead of accepting any key',
    async (_name, pinnedHostKeys) => {
      const { port, attempts } = await sshServer();
      const { code } = await failure(shellOn(port, { pinnedHostKeys }));
      expect(code).toBe('credentials-unusable');
      expect(attempts).toEqual([]);
    },
  );
});

it('keeps the session of a server with a long greeting, however much it sends', async () => {
  const output = 'x'.repeat(200_000);
  const { port } = await sshServer(
    acceptRightPassword,
    channel => channel.end(output),
    'Authorized use only.\r\n'.repeat(30),
  );
  const environment = jest.fn(() => ({}));
  const shell = await shellOn(port, { environment });
  expect((await readAll(shell)).length).toBe(output.length);
  expect(environment).toHaveBeenCalledWith(expect.stringContaining('ssh2js'));
});

it('opens a shell on a server whose identification arrives byte by byte', async () => {
  const { port } = await sshServer();
  expect(await readAll(await shellOn(port, { socket: inPieces(await dial(port)) }))).toBe('hello');
});

describe('servers that do not speak SSH', () => {
  it.each([
    ['RFB 003.008\n', 'This is a VNC (RFB) server, not an SSH server.'],
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'This is a web (HTTP) server, not an SSH server.'],
    ['\u0007wh\u202eat?\r\n', 'it began with "wh at?"'],
    ['', 'It ended the connection without sending anything.'],
  ])('are identified by what they send: %j', async (says, words) => {
    const port = await listen(socket => {
      socket.end(says);
    });
    const { code, message } = await failure(shellOn(port));
    expect(code).toBe('target-failed');
    expect(message).toContain(words);
  });

  it('are disconnected if their greeting does not end', async () => {
    const port = await listen(socket => {
      const greet = (): void => {
        while (!socket.destroyed && socket.write('welcome\r\n'.repeat(100)));
      };
      socket.on('drain', greet);
      greet();
    });
    expect((await failure(shellOn(port))).code).toBe('target-failed');
  });

  it('are disconnected if a packet claims 2^31 bytes', async () => {
    const port = await listen(socket => {
      socket.write('SSH-2.0-liar\r\n');
      socket.write(Buffer.from([0x80, 0, 0, 0, 4, 20, 0, 0]));
    });
    expect((await failure(shellOn(port))).code).toBe('target-failed');
  });

  it('time out if they send nothing', async () => {
    const port = await listen(socket => {
      socket.resume();
    });
    expect((await failure(shellOn(port, { handshakeDeadlineMs: 50 }))).code).toBe('target-timeout');
  });
});

describe('servers that disconnect', () => {
  it.each([
    ['authentication', 'It ended the connection during the sign-in.'],
    ['session', 'It accepted the sign-in but ended the connection before it opened a shell.'],
  ] as const)('are reported with the phase: %s', async (at, words) => {
    const { code, message } = await failure(shellOn(await leavingServer(at)));
    expect(code).toBe('target-failed');
    expect(message).toBe(`Could not connect to endpoint "Press 4". ${words}`);
  });
});
