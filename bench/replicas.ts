import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { WebSocketDuplex } from '@remote-access/streams';
import { LocalStack, temporaryFolder } from '@remote-access/testkit';
import type { BenchEntry } from './entry';
import { LoadGenerator, type Relay } from './relay-load';
import { type Joined, PassthroughSessions, serviceOf, sha256Of, streamOf } from './relay-sessions';

const SIZES = [1024, 64 * 1024];

/** The number of random bytes compared, in both directions at once. */
const COMPARED_BYTES = 256 * 1024 * 1024;

/**
 * Two replicas, with client and gateway on different ones, next to a single replica that serves
 * both.
 */
export const replicas: BenchEntry = {
  name: 'replicas',
  async run() {
    console.log('Starting a local stack with two replicas …');
    const stack = await LocalStack.start({ env: { REPLICAS: '2' } });
    const folder = temporaryFolder('bench');
    try {
      const generator = await LoadGenerator.compile(folder.path);
      const [one, two] = [serviceOf(stack), serviceOf(stack, 'microservice-2')];
      const sessions = await PassthroughSessions.at(stack);
      const relays: Relay[] = [
        {
          name: 'across two replicas',
          framing: 'frames',
          pids: [one.pid, two.pid],
          join: () => sessions.join(one.port, two.port),
        },
        {
          name: 'one replica',
          framing: 'frames',
          pids: [one.pid],
          join: () => sessions.join(one.port),
        },
      ];
      for (const direction of ['gateway to client', 'client to gateway'] as const) {
        for (const size of SIZES) await generator.compareFloods(relays, direction, size);
      }
      await generator.compareBounces(relays);
      const joined = await relays[0]!.join();
      console.log(`${COMPARED_BYTES / 1024 / 1024} MiB each way: ${await compareBytes(joined)}`);
    } finally {
      folder.remove();
      await stack.stop();
    }
  },
};

async function compareBytes({ client, gateway }: Joined): Promise<string> {
  const [near, far] = [streamOf(client), streamOf(gateway)];
  const digests = await Promise.all([
    sendRandom(near),
    sha256Of(far, COMPARED_BYTES),
    sendRandom(far),
    sha256Of(near, COMPARED_BYTES),
  ]);
  for (const side of [near, far]) side.destroy();
  const [there, atFar, back, atNear] = digests;
  return there === atFar && back === atNear ? 'sha256 equal' : 'sha256 DIFFERENT';
}

async function sendRandom(side: WebSocketDuplex): Promise<string> {
  const hash = createHash('sha256');
  for (let sent = 0; sent < COMPARED_BYTES;) {
    const chunk = randomBytes(64 * 1024);
    hash.update(chunk);
    sent += chunk.length;
    if (!side.write(chunk)) await once(side, 'drain');
  }
  return hash.digest('hex');
}
