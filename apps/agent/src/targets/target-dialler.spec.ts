import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { closedPort, tcpTarget, type TcpTarget } from '@remote-access/testkit';
import { KEEP_ALIVE_DELAY_MS, TargetDialler } from './target-dialler';
import { parseTargetRule } from './target-policy';

const never = new AbortController().signal;
const open = { allow: [], deny: [] };

describe('TargetDialler', () => {
  let target: TcpTarget;

  beforeEach(async () => {
    target = await tcpTarget(socket => socket.end('hello'));
  });
  afterEach(() => target.stop());

  it('connects to a target', async () => {
    const dialled = await new TargetDialler(open).dial(
      { host: '127.0.0.1', port: target.port },
      never,
    );
    const [data] = (await once(dialled.connection!, 'data')) as [Buffer];
    expect(data.toString()).toBe('hello');
    dialled.connection!.destroy();
  });

  it('resolves a name once and uses the first address that answers', async () => {
    const asked: string[] = [];
    const resolve = (name: string) => {
      asked.push(name);
      return Promise.resolve(['::1', '127.0.0.1']);
    };
    const dialler = new TargetDialler(open, { resolve });
    const { connection } = await dialler.dial({ host: 'plc.local', port: target.port }, never);
    expect(connection!.remoteAddress).toBe('127.0.0.1');
    expect(asked).toEqual(['plc.local']);
    connection!.destroy();
  });

  it.each([
    ['an address', '127.0.0.1'],
    ['a name with several addresses', 'plc.local'],
  ])('has the system probe a target of %s that is silent for a minute', async (_what, host) => {
    const silent = await tcpTarget(() => undefined);
    const resolve = () => Promise.resolve(host === '127.0.0.1' ? [host] : ['::1', '127.0.0.1']);
    const { connection } = await new TargetDialler(open, { resolve }).dial(
      { host, port: silent.port },
      never,
    );
    const filter = `sport = :${connection!.localPort}`;
    const shown = execFileSync('ss', ['-tnoH', filter], { encoding: 'utf8' });
    // As in `timer:(keepalive,59sec,0)` or `timer:(keepalive,1min,0)`.
    const [, minutes = 0, seconds = 0] = /keepalive,(?:(\d+)min)?(?:(\d+)(?:\.\d+)?sec)?,/.exec(
      shown,
    )!;
    const leftMs = (Number(minutes) * 60 + Number(seconds)) * 1_000;
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(KEEP_ALIVE_DELAY_MS);
    connection!.destroy();
    await silent.stop();
  });

  it('refuses a name whose addresses are all denied (security)', async () => {
    const lists = { allow: [], deny: [parseTargetRule('127.0.0.1')!] };
    const resolve = () => Promise.resolve(['127.0.0.1', '169.254.169.254']);
    const dialler = new TargetDialler(lists, { resolve });
    expect(await dialler.dial({ host: 'two.example', port: target.port }, never)).toEqual({
      refusal: `target two.example:${target.port} is denied by this gateway's configuration (ALLOW_TARGETS, DENY_TARGETS)`,
    });
    expect(target.connections).toHaveLength(0);
  });

  it('connects only to the permitted addresses of a name (security)', async () => {
    const lists = { allow: [], deny: [parseTargetRule('127.0.0.1')!] };
    const resolve = () => Promise.resolve(['127.0.0.1', '::1', '127.0.0.1']);
    const dialler = new TargetDialler(lists, { resolve });
    const { refusal } = await dialler.dial({ host: 'two.example', port: target.port }, never);
    expect(refusal).toMatch(/two\.example:\d+ \(::1\)$/);
    expect(target.connections).toHaveLength(0);
  });

  it('tries the next address if one is silent', async () => {
    const silent = await silentHost('127.0.0.2', target.port);
    try {
      const dialler = new TargetDialler(open, {
        resolve: () => Promise.resolve(['127.0.0.2', '127.0.0.1']),
        attemptTimeoutMs: 50,
      });
      const { connection } = await dialler.dial({ host: 'plc.local', port: target.port }, never);
      expect(connection?.remoteAddress).toBe('127.0.0.1');
      connection?.destroy();
    } finally {
      silent.stop();
    }
  });

  it('reports the first address if none answers', async () => {
    const port = await closedPort();
    const resolve = () => Promise.resolve(['127.0.0.1', '::1']);
    const dialler = new TargetDialler(open, { resolve });
    expect(await dialler.dial({ host: 'plc.local', port }, never)).toEqual({
      refusal: `connection refused by plc.local:${port} (127.0.0.1)`,
    });
  });

  it('reports which address refused', async () => {
    const port = await closedPort();
    expect(await new TargetDialler(open).dial({ host: '127.0.0.1', port }, never)).toEqual({
      refusal: `connection refused by 127.0.0.1:${port}`,
    });
    const resolve = () => Promise.resolve(['127.0.0.1']);
    const byName = new TargetDialler(open, { resolve });
    expect(await byName.dial({ host: 'plc.local', port }, never)).toEqual({
      refusal: `connection refused by plc.local:${port} (127.0.0.1)`,
    });
  });

  it('connects to a link-local address through its interface, if it is allowed', async () => {
    const lists = { allow: [parseTargetRule('fe80::/10')!], deny: [] };
    const linkLocal = { host: 'fe80::1', zone: 'no-such-interface', port: 22 };
    const { refusal } = await new TargetDialler(lists).dial(linkLocal, never);
    expect(refusal).toContain('[fe80::1%no-such-interface]:22');
    expect(refusal).not.toContain('denied');
    const denied = await new TargetDialler(open).dial(linkLocal, never);
    expect(denied.refusal).toContain('denied');
  });

  it('reports that a name has no address', async () => {
    const dialler = new TargetDialler(open);
    expect(await dialler.dial({ host: 'no-such-host.invalid', port: 22 }, never)).toEqual({
      refusal: 'cannot resolve host name no-such-host.invalid',
    });
  });

  it('times out if the resolver does not answer', async () => {
    const silent = new TargetDialler(open, {
      resolve: () => new Promise(() => undefined),
      timeoutMs: 20,
    });
    expect(await silent.dial({ host: 'slow.example', port: 22 }, never)).toEqual({
      refusal: 'cannot resolve host name slow.example: the DNS server did not answer in time',
    });
  });

  it('stops when the signal is aborted', async () => {
    const dialler = new TargetDialler(open, { resolve: () => new Promise(() => undefined) });
    const ending = new AbortController();
    const dialled = dialler.dial({ host: 'slow.example', port: 22 }, ending.signal);
    ending.abort();
    expect((await dialled).connection).toBeUndefined();
    const late = await dialler.dial({ host: '127.0.0.1', port: target.port }, AbortSignal.abort());
    expect(late.connection).toBeUndefined();
  });
});

/** A port that answers nothing, not even that it is closed: its queue is full, and nobody accepts. */
async function silentHost(host: string, port: number): Promise<{ stop: () => void }> {
  const script = `require('node:net').createServer().listen({ host: '${host}', port: ${port}, backlog: 1 },
    () => console.log('listening'))`;
  const listener = spawn(process.execPath, ['-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(listener.stdout, 'data');
  listener.kill('SIGSTOP');
  // Linux queues one more than it was told.
  const queued = [connect(port, host), connect(port, host)];
  await Promise.all(queued.map(socket => once(socket, 'connect')));
  return {
    stop: () => {
      for (const socket of queued) socket.destroy();
      listener.kill('SIGKILL');
    },
  };
}
