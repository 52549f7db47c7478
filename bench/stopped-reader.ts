import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { WebSocketDuplex } from '@remote-access/streams';
import type { BenchEntry } from './entry';
import { liveBytes } from './live-memory';
import { residentMebibytes } from './process-usage';
import { PassthroughSessions, serviceOf, sha256Of, streamOf } from './relay-sessions';

const SENT_BYTES = 1024 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, 'what nobody reads ');

/** The sender counts as stalled when no more bytes are accepted for this long. */
const STALLED_AFTER_MS = 3_000;

const SAMPLE_MS = 100;
const GOAL_MEBIBYTES = 16;

/** How far memory grows while one side sends a gibibyte and the other does not read. */
export const stoppedReader: BenchEntry = {
  name: 'stopped-reader',
  async run(stack) {
    const service = serviceOf(stack);
    const sessions = await PassthroughSessions.at(stack);
    // The first session loads and compiles what all need.
    for (const name of ['warm-up', 'client', 'gateway'] as const) {
      const { client, gateway } = await sessions.join(service.port);
      const [near, far] = [streamOf(client), streamOf(gateway)];
      const [reader, sender] = name === 'gateway' ? [far, near] : [near, far];
      await liveBytes(service);
      const before = residentMebibytes(service.pid);
      let most = before;
      const sampling = setInterval(() => {
        most = Math.max(most, residentMebibytes(service.pid));
      }, SAMPLE_MS);
      const sending = send(sender);
      await untilStalled(sender);
      const stopped = most - before;
      const digest = await sha256Of(reader, SENT_BYTES);
      clearInterval(sampling);
      const isEqual = digest === (await sending);
      for (const side of [near, far]) side.destroy();
      if (name === 'warm-up') continue;
      console.log(
        `1 GiB against a ${name} that does not read: memory grows by ${stopped.toFixed(1)} MiB ` +
          `(goal ${GOAL_MEBIBYTES}), by ${(most - before).toFixed(1)} MiB until it has read all; ` +
          `sha256 ${isEqual ? 'equal' : 'DIFFERENT'}`,
      );
    }
  },
};

async function send(side: WebSocketDuplex): Promise<string> {
  const hash = createHash('sha256');
  for (let sent = 0; sent < SENT_BYTES; sent += CHUNK.length) {
    CHUNK.writeUInt32BE(sent, 0);
    const chunk = Buffer.from(CHUNK);
    hash.update(chunk);
    if (!side.write(chunk)) await once(side, 'drain');
  }
  return hash.digest('hex');
}

async function untilStalled(sender: WebSocketDuplex): Promise<void> {
  for (let taken = -1; taken !== sender.bytesTaken; await pause(STALLED_AFTER_MS)) {
    taken = sender.bytesTaken;
  }
}
