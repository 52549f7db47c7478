import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { ed25519KeyPair, temporaryFolder } from '@remote-access/testkit';
import { Server, utils } from 'ssh2';
import { fetchHostKeys, type HostKeyFetch } from './fetch-host-keys';
import { inPieces, listen } from './open-shell.fixture';

const endpoint = { name: 'Press 4', hostname: '10.0.0.5', port: 22 };
const ed25519 = ed25519KeyPair();
const ecdsa = utils.generateKeyPairSync('ecdsa', { bits: 384 });
const rsa = utils.generateKeyPairSync('rsa', { bits: 2048 });
const publicLine = (line: string): string => line.split(' ').slice(0, 2).join(' ');

/** Fetches from a server that serves TCP connections with `serve`. */
async function fetchFrom(
  serve: (socket: Socket) => void,
): Promise<HostKeyFetch & { opened: number }> {
  const port = await listen(serve);
  const fetch = {
    endpoint,
    opened: 0,
    open: async () => {
      fetch.opened += 1;
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    },
  };
  return fetch;
}

async function sshServer(hostKeys: string[], greeting?: string) {
  const attempts: string[] = [];
  const server = new Server({ hostKeys, greeting }, client => {
    client.on('error', () => client.end());
    client.on('authentication', context => {
      attempts.push(context.method);
      context.reject();
    });
  });
  const fetch = await fetchFrom(socket => server.injectSocket(socket));
  return { fetch, attempts };
}

it('fetches one key of each type over one connection each, without signing in', async () => {
  const { fetch, attempts } = await sshServer([rsa.private, ecdsa.private, ed25519.private]);
  const keys = await fetchHostKeys(fetch);
  expect(keys.map(({ line }) => line)).toEqual(
    [ed25519, ecdsa, rsa].map(pair => publicLine(pair.public)),
  );
  expect(fetch.opened).toBe(3);
  expect(attempts).toEqual([]);
});

it('connects only once to a server with one key', async () => {
  const { fetch } = await sshServer([rsa.private]);
  const keys = await fetchHostKeys(fetch);
  expect(keys.map(({ type, bits }) => [type, bits])).toEqual([['ssh-rsa', 2048]]);
  expect(fetch.opened).toBe(1);
});

it('fetches a key of a weak type only if weak algorithms are allowed', async () => {
  const folder = temporaryFolder('dsa');
  const file = join(folder.path, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'dsa', '-m', 'PEM', '-N', '', '-f', file]);
  const pem = readFileSync(file, 'utf8');
  folder.remove();
  const { fetch } = await sshServer([pem]);
  await expect(fetchHostKeys(fetch)).rejects.toMatchObject({ code: 'target-failed' });
  const keys = await fetchHostKeys({ ...fetch, legacyAlgorithms: true });
  expect(keys.map(({ type, bits }) => [type, bits])).toEqual([['ssh-dss', 1024]]);
});

it.each([
  ['RFB 003.008\n', 'target-failed', 'This is a VNC (RFB) server, not an SSH server.'],
  ['SSH-2.0-x\r\n', 'target-timeout', 'It did not present its host key in time.'],
  ['', 'target-timeout', 'It did not present its host key in time.'],
])('identifies a server that greets with %j', async (greeting, code, words) => {
  const fetch = await fetchFrom(socket => socket.write(greeting));
  await expect(fetchHostKeys({ ...fetch, deadlineMs: 300 })).rejects.toMatchObject({
    code,
    message: expect.stringContaining(words) as string,
  });
});

it('reads an identification that arrives byte by byte', async () => {
  const { fetch } = await sshServer([ed25519.private], 'Authorized use only.\r\n');
  const open = async (): Promise<Duplex> => inPieces(await fetch.open());
  const keys = await fetchHostKeys({ ...fetch, open });
  expect(keys.map(({ line }) => line)).toEqual([publicLine(ed25519.public)]);
});

it('fails at once if the greeting does not end', async () => {
  const fetch = await fetchFrom(socket => {
    const greet = (): void => {
      while (!socket.destroyed && socket.write(`${'welcome '.repeat(500)}\r\n`));
    };
    socket.on('drain', greet);
    greet();
  });
  await expect(fetchHostKeys(fetch)).rejects.toMatchObject({
    code: 'target-failed',
    message: expect.stringContaining("The server's greeting is too long.") as string,
  });
});

it('fails if the server closes the connection', async () => {
  const fetch = await fetchFrom(socket => {
    socket.end('SSH-2.0-x\r\n');
  });
  await expect(fetchHostKeys(fetch)).rejects.toMatchObject({ code: 'target-failed' });
});

it('fails if the connection breaks before the server has said anything', async () => {
  // ssh2 reports this as two errors, without a turn of the event loop in between.
  const socket = new Duplex({
    read: () => undefined,
    write: (_identification, _encoding, done) => {
      done();
      setImmediate(() => socket.destroy(new Error('the gateway is gone')));
    },
  });
  const fetching = fetchHostKeys({ endpoint, open: () => Promise.resolve(socket) });
  await expect(fetching).rejects.toMatchObject({ code: 'target-failed' });
});

it('passes on the reason for a failed connection', async () => {
  const open = (): Promise<Socket> => Promise.reject(new Error('no gateway'));
  await expect(fetchHostKeys({ endpoint, open })).rejects.toThrow('no gateway');
});
