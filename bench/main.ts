import { existsSync, readFileSync } from 'node:fs';
import { LocalStack } from '@remote-access/testkit';
import { agent } from './agent';
import { connects } from './connects';
import { desktop } from './desktop';
import { encryptedKeys } from './encrypted-keys';
import { endpoints } from './endpoints';
import type { BenchEntry } from './entry';
import { idleRelay } from './idle-relay';
import { idleSessions } from './idle-sessions';
import { page } from './page';
import { relay } from './relay';
import { replicas } from './replicas';
import { resume } from './resume';
import { sessions } from './sessions';
import { stoppedReader } from './stopped-reader';
import { tunnel } from './tunnel';
import { throughput } from './throughput';
import { vncStream } from './vnc-stream';

const ENTRIES: readonly BenchEntry[] = [
  sessions,
  throughput,
  idleSessions,
  endpoints,
  encryptedKeys,
  vncStream,
  desktop,
  page,
  relay,
  stoppedReader,
  idleRelay,
  connects,
  resume,
  replicas,
  tunnel,
  agent,
];

/** See tcp(7). Only Linux has this file. */
const CONGESTION_CONTROL = '/proc/sys/net/ipv4/tcp_congestion_control';

async function main(wanted: readonly string[]): Promise<void> {
  const unknown = wanted.filter(name => !ENTRIES.some(entry => entry.name === name));
  if (unknown.length > 0) {
    const names = ENTRIES.map(({ name }) => name).join(', ');
    console.error(`\nThere is no benchmark ${unknown.join(', ')}. Benchmarks: ${names}.`);
    process.exitCode = 1;
    return;
  }
  // With `bbr`, timers that pace each connection take half of the CPU time of relaying through
  // loopback, and more or less of it with different sizes of writes.
  if (existsSync(CONGESTION_CONTROL)) {
    const name = readFileSync(CONGESTION_CONTROL, 'utf8').trim();
    console.log(`TCP congestion control: ${name}`);
  }
  console.log('Starting a local stack …');
  const stack = await LocalStack.start();
  try {
    for (const entry of ENTRIES) {
      if (wanted.length > 0 && !wanted.includes(entry.name)) continue;
      console.log(`\n${entry.name}`);
      await entry.run(stack);
    }
  } finally {
    await stack.stop();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
