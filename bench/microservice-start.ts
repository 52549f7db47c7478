import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { closedPort, type LocalStack } from '@remote-access/testkit';
import type { Measurement } from './measurement';

/** After this, the first garbage collections are over and the figure is stable. */
const SETTLE_MS = 1500;

const LOOK_AGAIN_MS = 5;

/**
 * Starts a second microservice next to the stack's and measures the time to its first healthy response.
 *
 * @returns its memory when idle, in MiB
 */
export async function measureStart(stack: LocalStack, measurement: Measurement): Promise<number> {
  const part = stack.description.parts.find(({ name }) => name === 'microservice');
  if (!part) throw new Error('The stack has no microservice');
  const port = await closedPort();
  const metricsPort = await closedPort();
  const ports = { SERVER_PORT: String(port), METRICS_PORT: String(metricsPort) };
  let child: ReturnType<typeof spawn> | undefined;
  await measurement.take(async () => {
    child = spawn(process.execPath, [part.program], {
      env: { ...process.env, ...part.env, ...ports },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    while (!(await isHealthy(port))) {
      if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}`);
      await pause(LOOK_AGAIN_MS);
    }
  });
  if (!child) throw new Error('The measurement did not start a microservice');
  await pause(SETTLE_MS);
  const memory = residentMebibytes(child.pid);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  return memory;
}

/** proc(5): `VmRSS`, in KiB. */
export function residentMebibytes(pid: number | undefined): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) / 1024;
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health`)).ok;
  } catch {
    // Nothing listens yet.
    return false;
  }
}
