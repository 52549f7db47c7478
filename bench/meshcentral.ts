import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { closedPort, isListening, waitUntil } from '@remote-access/testkit';
import { installPeer, PEERS } from './peer-package';
import type { Relay } from './relay-load';
import { type Joined, shakeHands } from './relay-sessions';

const VERSION = '1.1.55';
const USER = 'measurer';
const PASSWORD = 'Measured-42';

/** At its first start it generates keys and signs its agents. */
const READY_WITHIN_MS = 180_000;

/** A text frame that tells both sides that they are joined. */
const JOINED = Buffer.from([0x81, 1, 'c'.charCodeAt(0)]);

export interface MeshCentral {
  readonly relay: Relay;
  stop(): Promise<void>;
}

/**
 * Starts an unmodified MeshCentral server without TLS, with one account that both sides of a relay
 * sign in to.
 *
 * @returns the server, or why it cannot be measured on this machine
 */
export async function startMeshCentral(folder: string): Promise<MeshCentral | string> {
  const problem = await installPeer('meshcentral', VERSION);
  if (problem) return problem;
  const port = await closedPort();
  const data = join(folder, 'meshcentral');
  mkdirSync(data);
  const settings = { port, portBind: '127.0.0.1', redirPort: 0, mpsPort: 0, tlsOffload: true };
  const selfContained = { selfUpdate: false, autoBackup: false };
  writeFileSync(
    join(data, 'config.json'),
    JSON.stringify({ settings: { ...settings, ...selfContained }, domains: { '': {} } }),
  );
  const program = join(PEERS, 'node_modules', 'meshcentral', 'meshcentral.js');
  const folders = ['--datapath', data, '--filespath', join(data, 'files')];
  const account = ['--createaccount', USER, '--pass', PASSWORD];
  await promisify(execFile)(process.execPath, [program, ...folders, ...account], { cwd: PEERS });
  const log = openSync(join(folder, 'meshcentral.log'), 'a');
  // Launched as its own launcher does. It ends when its input does.
  const child = spawn(
    process.execPath,
    ['--disable-proto=delete', program, ...folders, '--launch', String(process.pid)],
    { cwd: PEERS, stdio: ['pipe', log, log] },
  );
  try {
    await waitUntil('MeshCentral listens', () => isListening(port), READY_WITHIN_MS);
  } catch (cause) {
    child.kill();
    return `it does not start: ${(cause as Error).message}`;
  }
  return {
    relay: {
      name: `MeshCentral ${VERSION}`,
      framing: 'frames',
      pids: [child.pid!],
      join: () => joinSides(port),
    },
    stop: () => end(child),
  };
}

let joins = 0;

async function joinSides(port: number): Promise<Joined> {
  const query = new URLSearchParams({ id: `relay${++joins}`, user: USER, pass: PASSWORD });
  const path = `/meshrelay.ashx?${query.toString()}`;
  const client = await shakeHands(port, path, {});
  const gateway = await shakeHands(port, path, {});
  await Promise.all([client, gateway].map(takeJoined));
  return { client: client.socket, gateway: gateway.socket };
}

/** The load generator expects frames of its own only. */
async function takeJoined({ socket, rest }: { socket: Socket; rest: Buffer }): Promise<void> {
  let taken = rest;
  while (taken.length < JOINED.length) {
    const [chunk] = (await once(socket.resume(), 'data')) as [Buffer];
    taken = Buffer.concat([taken, chunk]);
  }
  socket.pause();
  if (!taken.equals(JOINED)) throw new Error(`MeshCentral sent ${taken.toString('hex')}`);
}

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill();
  await exit;
}
