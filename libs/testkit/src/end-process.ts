import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { administrator } from './administrator';

/** Ends a process, one of the administrator too, and waits until it has ended. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exit = once(child, 'exit');
  if (child.spawnfile === 'sudo') {
    const [program, ...args] = [...administrator(), 'kill', '-TERM', String(child.pid)];
    execFileSync(program, args);
  } else {
    child.kill('SIGTERM');
  }
  await exit;
}

export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
