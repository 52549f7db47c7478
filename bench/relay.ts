import { once } from 'node:events';
import { fork, type ChildProcess } from 'node:child_process';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder, type LocalStack } from '@remote-access/testkit';
import type { BenchEntry } from './entry';
import { startMeshCentral } from './meshcentral';
import { LoadGenerator, type Relay } from './relay-load';
import { PassthroughSessions, serviceOf, upgrade } from './relay-sessions';
import { startWebsockify } from './websockify';

const SIZES = [128, 1024, 16 * 1024, 64 * 1024];
const FLOODS_BESIDE_BOUNCES = [1024, 64 * 1024];

/** The microservice alone as a relay of frames, next to plain use of `ws`, a TCP pipe and others' relays. */
export const relay: BenchEntry = {
  name: 'relay',
  async run(stack) {
    const folder = temporaryFolder('bench');
    const peers = await Promise.all((['ws', 'pipe'] as const).map(startPeer));
    const stops: (() => Promise<void>)[] = [];
    try {
      const generator = await LoadGenerator.compile(folder.path);
      const bridge = await startBridge(folder.path);
      if (bridge) stops.push(bridge.stop);
      const meshCentral = await startMeshCentral(folder.path);
      if (typeof meshCentral === 'string') {
        console.log(`MeshCentral is not measured: ${meshCentral}`);
      } else {
        stops.push(meshCentral.stop);
      }
      const relays = [
        await ours(stack),
        ...peers.map(({ relay: peer }) => peer),
        ...(bridge ? [bridge.relay] : []),
        ...(typeof meshCentral === 'string' ? [] : [meshCentral.relay]),
      ];
      for (const direction of ['gateway to client', 'client to gateway'] as const) {
        for (const size of SIZES) await generator.compareFloods(relays, direction, size);
      }
      await generator.compareBounces(relays);
      for (const size of FLOODS_BESIDE_BOUNCES) {
        await generator.compareBouncesBesideFloods(relays, size);
      }
    } finally {
      for (const { child } of peers) child.disconnect();
      for (const stop of stops) await stop();
      folder.remove();
    }
  },
};

async function ours(stack: LocalStack): Promise<Relay> {
  const { port, pid } = serviceOf(stack);
  const sessions = await PassthroughSessions.at(stack);
  return {
    name: 'the microservice',
    framing: 'frames',
    pids: [pid],
    join: () => sessions.join(port),
  };
}

interface Bridge {
  readonly relay: Relay;
  stop(): Promise<void>;
}

/**
 * Joins a browser's WebSocket with TCP, measured in the client's direction only. Its connections
 * are separate processes.
 */
async function startBridge(folder: string): Promise<Bridge | undefined> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const started = await startWebsockify((server.address() as AddressInfo).port, folder);
  if (typeof started === 'string') {
    console.log(`websockify is not measured: ${started}`);
    server.close();
    return undefined;
  }
  const port = Number(new URL(started.url).port);
  const joinSides = async (): Promise<{ client: Socket; gateway: Socket }> => {
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = await upgrade(port, '/', { 'Sec-WebSocket-Protocol': 'binary' });
    const [gateway] = await accepted;
    return { client, gateway };
  };
  return {
    relay: {
      name: 'websockify',
      framing: 'frames',
      pids: [],
      only: 'client to gateway',
      join: joinSides,
    },
    stop: async () => {
      await started.stop();
      server.close();
    },
  };
}

async function startPeer(kind: 'ws' | 'pipe'): Promise<{ relay: Relay; child: ChildProcess }> {
  const child = fork(join(__dirname, 'relay-peer.js'), [kind]);
  const [port] = (await once(child, 'message')) as [number];
  const framing = kind === 'ws' ? 'frames' : 'plain';
  const open = async (): Promise<Socket> => {
    if (framing === 'frames') return upgrade(port, '/', {});
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
  const peer: Relay = {
    name: kind === 'ws' ? '`ws`, message by message' : 'TCP pipe',
    framing,
    pids: [child.pid!],
    join: async () => ({ client: await open(), gateway: await open() }),
  };
  return { relay: peer, child };
}
