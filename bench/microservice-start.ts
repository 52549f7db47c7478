import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { closedPort, type LocalStack } from '@remote-access/testkit';
import type { Measurement } from './measurement';
import { residentMebibytes } from './process-usage';

/** After this, the first garbage collections are over and the figure is stable. */
const SETTLE_MS = 1500;

const LOOK_AGAIN_MS = 5;

/** A program and its environment. */
export interface AnotherMicroservice {
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
}

/** The stack's microservice once more, on ports of its own. */
export async function anotherMicroservice(stack: LocalStack): Promise<AnotherMicroservice> {
  const part = stack.description.parts.find(({ name }) => name === 'microservice');
  if (!part) throw new Error('The stack has no microservice');
  const [port, metricsPort] = [await closedPort(), await closedPort()];
  return {
    program: part.program,
    env: { ...part.env, SERVER_PORT: String(port), METRICS_PORT: String(metricsPort) },
    url: `http://127.0.0.1:${port}`,
  };
}

/**
 * Starts a second microservice next to the stack's and measures the time to its first healthy response.
 *
 * @returns its memory when idle, in MiB
 */
export async function measureStart(stack: LocalStack, measurement: Measurement): Promise<number> {
  const { program, env, url } = await anotherMicroservice(stack);
  let child: ReturnType<typeof spawn> | undefined;
  await measurement.take(async () => {
    child = spawn(process.execPath, [program], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    while (!(await isHealthy(url))) {
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

/** Of a service at this address. */
export async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    // Nothing listens yet.
    return false;
  }
}
