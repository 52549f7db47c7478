import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/** Starts a program that writes its output to a file, because a pipe that nobody reads fills up. */
export function spawnLogged(
  log: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): ChildProcess {
  const output = openSync(log, 'a');
  try {
    return spawn(command, args, { stdio: ['ignore', output, output], env });
  } finally {
    closeSync(output);
  }
}

/** Ends a process, even one that was started with sudo, and waits until it has ended. */
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

const SUDO = ['sudo', '--non-interactive'] as const;

/**
 * @returns the prefix of a command to run as root; empty if this process runs as root
 * @throws {Error} if this user is neither root nor may use sudo without a password
 */
export function administrator(): readonly string[] {
  if (userInfo().uid === 0) return [];
  const [program, ...args] = [...SUDO, 'true'];
  if (spawnSync(program, args, { stdio: 'ignore' }).status === 0) return SUDO;
  throw new Error('This test requires root, or sudo without a password');
}

/** A process and all of its descendants that are still running (proc_pid_stat(5)). */
export function withDescendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(name) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [pid];
  for (const one of found) found.push(...(children.get(one) ?? []));
  return found;
}

function parentOf(pid: string): number | undefined {
  try {
    // The name in parentheses may contain anything.
    const [, fields = ''] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return Number(fields.split(' ')[1]);
  } catch {
    // The process ended in the meantime.
    return undefined;
  }
}
