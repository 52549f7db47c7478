import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { administrator } from './administrator';

/** Ends a process, one of the administrator too, and waits until it has ended. */
export async function endProcess(
  child: ChildProcess,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
): Promise<void> {
  if (hasEnded(child)) return;
  const exit = once(child, 'exit');
  if (child.spawnfile === 'sudo') {
    const [program, ...args] = [...administrator(), 'kill', '-s', signal, String(child.pid)];
    execFileSync(program, args);
  } else {
    child.kill(signal);
  }
  await exit;
}

export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
