import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { spawn, type IPty } from '@lydell/node-pty';
import { Client as Ssh2Client, type ClientChannel } from 'ssh2';
import { temporaryFolder, waitUntil, type TemporaryFolder } from '@remote-access/testkit';
import { startSmallSshServer, type DemoTarget } from './small-ssh-server';

/** The system's ssh in a pty, as a user runs it. */
class Client {
  output = '';
  /** The remote shell's exit code, or 255 if ssh itself failed. */
  readonly exitCode: Promise<number>;
  private readonly pty: IPty;

  constructor(args: readonly string[]) {
    this.pty = spawn('ssh', [...args], { cols: 101, rows: 37, name: 'xterm-256color' });
    this.pty.onData(text => (this.output += text));
    this.exitCode = new Promise(resolve => this.pty.onExit(({ exitCode }) => resolve(exitCode)));
  }

  type(line: string): void {
    this.pty.write(`${line}\r`);
  }

  resize(cols: number, rows: number): void {
    this.pty.resize(cols, rows);
  }

  async sees(what: RegExp): Promise<string> {
    const shows = (): boolean => what.test(this.output);
    await waitUntil(`ssh shows ${what}`, shows).catch((cause: unknown) => {
      throw new Error(`ssh shows ${JSON.stringify(this.output)}`, { cause });
    });
    return what.exec(this.output)![0];
  }

  end(): void {
    this.pty.kill('SIGKILL');
  }
}

describe('the small SSH server', () => {
  let target: DemoTarget;
  let folder: TemporaryFolder;
  const clients: Client[] = [];
  const file = (name: string): string => join(folder.path, name);

  beforeEach(async () => {
    folder = temporaryFolder('small-ssh');
    // Keeps the shell from reading the user's profile.
    jest.replaceProperty(process, 'env', { ...process.env, HOME: folder.path });
    target = await startSmallSshServer();
    writeFileSync(file('key'), target.privateKey, { mode: 0o600 });
    writeFileSync(file('known_hosts'), `[127.0.0.1]:${target.port} ${target.hostKey}\n`);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end();
    await target.stop();
    jest.restoreAllMocks();
    folder.remove();
  });

  /** The host key is pinned, so every connection also checks the one that the server reported. */
  const ssh = (...args: string[]): Client => sshWith(file('key'), ...args);
  const sshWith = (key: string, ...args: string[]): Client => {
    const options = ['BatchMode=yes', 'StrictHostKeyChecking=yes', 'IdentitiesOnly=yes'];
    const client = new Client([
      ...['-F', 'none', '-e', 'none', '-i', key, '-p', String(target.port)],
      ...options.flatMap(option => ['-o', option]),
      ...['-o', `UserKnownHostsFile=${file('known_hosts')}`],
      ...args,
    ]);
    clients.push(client);
    return client;
  };
  const host = (): string => `${target.userName}@127.0.0.1`;

  /** A shell without echo and prompt, so that its output contains only what it wrote. */
  const openShell = async (...args: string[]): Promise<Client> => {
    const client = ssh(...args, host());
    client.type("exec env PS1= sh -c 'stty -echo; echo up; exec sh'");
    await client.sees(/^up\r$/m);
    client.output = '';
    return client;
  };

  it("sets the terminal to the client's size, and follows each change", async () => {
    const client = await openShell();
    client.type('stty size; echo "term $TERM"');
    await client.sees(/^37 101\r$/m);
    await client.sees(/^term xterm-256color\r$/m);
    client.resize(140, 50);
    client.type('until [ "$(stty size)" = "50 140" ]; do :; done; echo resized');
    await client.sees(/^resized\r$/m);
  });

  it("carries Unicode in both directions, in the client's language", async () => {
    const client = await openShell('-o', 'SetEnv=LANG=C.UTF-8 LD_PRELOAD=never');
    client.type('IFS= read -r line; echo "<$line>"; printf %s "$line" | wc -c');
    client.type('čšž € 漢字 😀');
    await client.sees(/^<čšž € 漢字 😀>\r$/m);
    expect((await client.sees(/^ *\d+\r$/m)).trim()).toBe(
      String(Buffer.byteLength('čšž € 漢字 😀')),
    );
    client.type('echo "[$LANG$LD_PRELOAD]"');
    await client.sees(/^\[C\.UTF-8\]\r$/m);
  });

  it('delivers all of a flood, in order', async () => {
    const client = await openShell();
    client.type('seq 200000; echo through');
    await client.sees(/^through\r$/m);
    const numbers = client.output.split('\r\n').slice(0, 200_000);
    expect(numbers.findIndex((number, index) => number !== String(index + 1))).toBe(-1);
    expect(numbers).toHaveLength(200_000);
  });

  it('reports how the shell ended', async () => {
    const client = await openShell();
    client.type('exit 7');
    expect(await client.exitCode).toBe(7);

    const killed = await openShell('-v');
    killed.type('kill -KILL $$');
    expect(await killed.exitCode).toBe(255);
    expect(killed.output).toContain('exit-signal');
  });

  it('uses a default size for a terminal of size zero, and keeps running', async () => {
    const client = new Ssh2Client();
    const { port, userName: username, privateKey } = target;
    client.connect({ host: '127.0.0.1', port, username, privateKey });
    await once(client, 'ready');
    const channel = await new Promise<ClientChannel>((resolve, reject) =>
      client.shell({ rows: 0, cols: 0 }, (error, opened) =>
        error ? reject(error) : resolve(opened),
      ),
    );
    let output = '';
    channel.on('data', (chunk: Buffer) => (output += chunk.toString()));
    channel.setWindow(50, 140, 0, 0);
    channel.setWindow(0, 0, 0, 0);
    channel.write("exec sh -c 'stty size; exit 3'\r");
    expect(await once(channel, 'exit')).toEqual([3]);
    expect(output).toMatch(/^24 80\r$/m);
    channel.setWindow(50, 140, 0, 0);
    client.end();
    await once(client, 'close');
    await openShell();
  });

  it.each([
    ['a command', ['true'], /exec request failed/],
    ['a subsystem', ['-s', 'sftp'], /subsystem request failed/],
  ])('refuses %s, and says so', async (_what, words, said) => {
    const options = words.filter(word => word.startsWith('-'));
    const client = ssh(...options, host(), ...words.filter(word => !word.startsWith('-')));
    await client.sees(said);
    expect(await client.exitCode).toBe(255);
  });

  it('forwards nothing (security)', async () => {
    const client = ssh('-W', `127.0.0.1:${target.port}`, host());
    await client.sees(/open failed|forwarding failed/);
    expect(await client.exitCode).toBe(255);
  });

  it('refuses another key, another user, and a password (security)', async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file('other')]);
    const attempts = [
      sshWith(file('other'), host()),
      ssh('nobody-at-all@127.0.0.1'),
      ssh('-o', 'PubkeyAuthentication=no', host()),
    ];
    for (const attempt of attempts) {
      await attempt.sees(/Permission denied \(publickey\)/);
      expect(await attempt.exitCode).toBe(255);
    }
  });

  it('generates its keys anew each time (security)', async () => {
    const other = await startSmallSshServer();
    expect(other.hostKey).not.toBe(target.hostKey);
    expect(other.publicKey).not.toBe(target.publicKey);
    await other.stop();
  });

  it('listens on loopback only (security)', async () => {
    const addresses = Object.values(networkInterfaces())
      .flatMap(list => list ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .map(({ address }) => address);
    // 127.0.0.2 reaches a listener on all interfaces, even on a machine without a network.
    for (const address of ['127.0.0.2', ...addresses]) {
      await expect(dial(address, target.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
    await expect(dial('127.0.0.1', target.port)).resolves.toBeUndefined();
  });

  it('ends the shell, and what is running in it, when the client leaves', async () => {
    const client = await openShell();
    client.type('echo "pid $$"; sleep 1000');
    const pid = Number((await client.sees(/^pid \d+/m)).slice(4));
    client.end();
    await waitUntil('the shell and its sleep have ended', () => sessionOf(pid).length === 0);
  });

  it('leaves no connection and no process when it stops', async () => {
    const client = await openShell();
    client.type("trap '' HUP TERM; (trap '' HUP TERM; sleep 1000) & echo \"pid $$\"");
    const pid = Number((await client.sees(/^pid \d+/m)).slice(4));
    const silent = connect(target.port, '127.0.0.1').resume();
    await once(silent, 'data');
    const cut = once(silent, 'close');
    expect(sessionOf(pid).length).toBeGreaterThan(1);

    await target.stop();

    expect(await client.exitCode).toBe(255);
    await cut;
    await waitUntil('nothing of the shell is left', () => sessionOf(pid).length === 0);
    await expect(dial('127.0.0.1', target.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    target = await startSmallSshServer();
  });
});

/** Processes that run in the terminal session of this shell, itself included (proc(5), field 6). */
function sessionOf(pid: number): string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(name => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return Number(session) === pid && state !== 'Z';
      } catch {
        // It ended after it was listed.
        return false;
      }
    });
}

async function dial(address: string, port: number): Promise<void> {
  const socket = connect(port, address);
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
