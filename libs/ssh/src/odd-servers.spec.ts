import {
  ODD_BANNERS,
  ODD_INSTRUCTIONS,
  type OddSsh,
  type OddSshOptions,
  type OddSshServer,
  startOddSshServer,
  waitUntil,
} from '@remote-access/testkit';
import { failure, readAll, shellOn } from './open-shell.fixture';
import type { ShellOptions } from './open-shell';
import type { ShellStream } from './shell-stream';

const stopping: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stopping.splice(0)) await stop();
});

async function odd(does: OddSsh, options?: OddSshOptions): Promise<OddSshServer> {
  const server = await startOddSshServer(does, options);
  stopping.push(server.stop);
  return server;
}

async function shell(
  does: OddSsh,
  options: Partial<ShellOptions> = {},
): Promise<{ server: OddSshServer; shell: ShellStream }> {
  const server = await odd(does);
  return { server, shell: await shellOn(server.port, options) };
}

async function reads(stream: ShellStream, text: string): Promise<void> {
  let seen = '';
  const collect = (chunk: Buffer): void => void (seen += chunk.toString());
  stream.on('data', collect);
  await waitUntil(`"${text}" arrives`, () => seen.includes(text));
  stream.off('data', collect);
}

describe('a server that does not answer keep-alives', () => {
  it.each(['answers no global request', 'calls global requests unimplemented'] as const)(
    'and %s keeps its session, in use and idle',
    async does => {
      const { server, shell: opened } = await shell(does, { keepAliveIntervalMs: 5 });
      opened.measureRoundTrip();
      await waitUntil('it was probed', () => server.ignored() >= 8);
      await waitUntil('it was asked for an answer', () => server.globalRequests() === 1);
      opened.write('still here\n');
      await reads(opened, 'still here');
      // Nothing but the one probe is unanswered, and the round trip is unknown rather than wrong.
      expect(opened.measureRoundTrip()).toBeUndefined();
      await waitUntil('it was probed while idle', () => server.ignored() >= 16);
      expect(opened.destroyed).toBe(false);
      opened.destroy();
    },
  );
});

describe('a server that refuses extras', () => {
  it('provides a shell without a terminal', async () => {
    const { server, shell: opened } = await shell('refuses a terminal');
    expect(opened.hasTerminal).toBe(false);
    opened.write('ls\n');
    await reads(opened, 'ls\n');
    expect(server.requests).toEqual(expect.arrayContaining(['pty', 'shell']));
    opened.destroy();
  });

  it('keeps the session when it refuses everything but the shell', async () => {
    const { server, shell: opened } = await shell('refuses every extra', {
      environment: () => ({ LANG: 'C.UTF-8' }),
    });
    opened.resize({ cols: 100, rows: 30 });
    opened.write('ls\n');
    await reads(opened, 'ls\n');
    expect(server.requests).toContain('env LANG=C.UTF-8');
    opened.destroy();
  });

  it('has a terminal if it grants one', async () => {
    const { shell: opened } = await shell('disconnects at exit');
    expect(opened.hasTerminal).toBe(true);
    opened.destroy();
  });

  it('is not waited for between the requests for a terminal and for a shell', async () => {
    const { server, shell: opened } = await shell('answers for the terminal with the shell');
    expect(server.requests.slice(-2)).toEqual(['pty', 'shell']);
    expect(opened.hasTerminal).toBe(true);
    opened.write('ls\n');
    await reads(opened, 'ls\n');
    opened.destroy();
  });

  it('is not waited for between the requests for the service and to sign in', async () => {
    const { server, shell: opened } = await shell('accepts the service with the sign-in');
    expect(server.requests).toEqual(['auth none', 'auth password', 'pty', 'shell']);
    opened.write('ls\n');
    await reads(opened, 'ls\n');
    opened.destroy();
  });

  it('and refuses a shell is reported with what can be done', async () => {
    const { port } = await odd('refuses a shell');
    const { code, message, hint } = await failure(shellOn(port));
    expect(code).toBe('target-failed');
    expect(message).toContain('refused to open a shell');
    expect(hint).toContain('command');
  });

  it("runs the endpoint's command instead of a shell", async () => {
    const { server, shell: opened } = await shell('refuses a shell', { command: 'menu --all' });
    await reads(opened, 'ready');
    expect(server.requests).toContain('exec menu --all');
    expect(server.requests).not.toContain('shell');
    opened.destroy();
  });
});

describe('a server whose only cipher is chacha20-poly1305', () => {
  it('is used with strict key exchange', async () => {
    const { shell: opened } = await shell('has chacha20 only');
    await reads(opened, 'ready');
    opened.destroy();
  });

  it.each([false, true])(
    'is not signed in to without strict key exchange, weak algorithms allowed: %s',
    async legacyAlgorithms => {
      const server = await odd('has chacha20 only, without strict key exchange');
      const { code, message, hint } = await failure(shellOn(server.port, { legacyAlgorithms }));
      expect(code).toBe('target-failed');
      expect(message).toContain('strict key exchange');
      expect(`${message} ${hint}`).not.toMatch(/outdated|legacyAlgorithms/);
      expect(server.requests).toEqual([]);
    },
  );

  it('without strict key exchange is refused before the user is asked about its key', async () => {
    const server = await odd('has chacha20 only, without strict key exchange');
    const acceptHostKey = jest.fn(() => Promise.resolve(true));
    const { message } = await failure(shellOn(server.port, { acceptHostKey }));
    expect(message).toContain('strict key exchange');
    expect(acceptHostKey).not.toHaveBeenCalled();
  });
});

describe('a server whose only key exchange is old', () => {
  it('is refused with its name, without the markers in the same list', async () => {
    const server = await odd('has an old key exchange only');
    const { code, message, hint } = await failure(shellOn(server.port));
    expect(code).toBe('target-failed');
    expect(server.offeredKex()).toContain('kex-strict-s-v00@openssh.com');
    expect(message).toMatch(
      /only outdated algorithms: key exchange diffie-hellman-group14-sha1\.$/,
    );
    expect(hint).toContain('legacyAlgorithms');
  });

  it('is used if weak algorithms are allowed', async () => {
    const { shell: opened } = await shell('has an old key exchange only', {
      legacyAlgorithms: true,
    });
    await reads(opened, 'ready');
    opened.destroy();
  });
});

describe('a wrong credential', () => {
  const signIn = { type: 'password', username: 'ana', password: 'wrong' } as const;

  it.each(['refuses the sign-in by disconnecting', 'refuses the sign-in by hanging up'] as const)(
    'is reported as such by a server that %s',
    async does => {
      const { port } = await odd(does);
      const { code, message } = await failure(shellOn(port, { signIn }));
      expect(code).toBe('sign-in-refused');
      expect(message).toBe(
        'Could not login to ssh server on endpoint "Press 4". ' +
          'Provided credential for user "ana" is incorrect.',
      );
    },
  );

  it("includes the server's message", async () => {
    const { port } = await odd('refuses the sign-in by disconnecting');
    const { hint } = await failure(shellOn(port, { signIn }));
    expect(hint).toContain('"Too many bad passwords"');
  });
});

describe('what a server says before deciding about the sign-in', () => {
  it('is shown at once, and the decision may take longer than a handshake', async () => {
    const server = await odd('greets with a link and decides later');
    const banners: string[] = [];
    const opening = shellOn(server.port, {
      handshakeDeadlineMs: 500,
      onBanner: text => banners.push(text),
    });
    await waitUntil('both banners are shown', () => banners.length === 2);
    expect(banners).toEqual([...ODD_BANNERS]);
    // Only time can tell: the deadline of the handshake passes without an event.
    await new Promise(resolve => setTimeout(resolve, 600));
    server.decide();
    const opened = await opening;
    await reads(opened, 'ready');
    opened.destroy();
  });

  it('includes instructions without a prompt', async () => {
    const { port } = await odd('instructs without a prompt');
    const banners: string[] = [];
    const opened = await shellOn(port, { onBanner: text => banners.push(text) });
    expect(banners).toEqual([`Badge\n${ODD_INSTRUCTIONS}`]);
    opened.destroy();
  });
});

describe('a logout', () => {
  it.each(['disconnects at exit', 'disconnects at exit, by application'] as const)(
    'ends the session with the last message of a server that %s',
    async does => {
      const { shell: opened } = await shell(does);
      opened.write('exit\n');
      await readAll(opened);
      expect(opened.farewell).toBe('Session closed by user');
      expect(opened.connectionLost).toBe(false);
    },
  );

  it('is assumed when the connection is closed', async () => {
    const { shell: opened } = await shell('hangs up at exit');
    opened.write('exit\n');
    await readAll(opened);
    expect(opened.connectionLost).toBe(false);
    expect(opened.farewell).toBeUndefined();
  });
});
