import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';

/** Time for a program to save its work between SIGTERM and SIGKILL. */
const GRACE_MS = 500;

/**
 * Ends the given processes and their descendants; without an argument, the descendants of this process.
 * A process whose parent has exited is not found.
 */
export async function endDescendants(roots?: readonly number[]): Promise<void> {
  const found = [...(roots ?? []), ...descendantsOf(roots ?? [process.pid])];
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) send(found, signal);
  if (found.length === 0) return;
  await new Promise(resolve => setTimeout(resolve, GRACE_MS));
  send(found, 'SIGKILL');
}

function descendantsOf(roots: readonly number[]): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const { pid, parent } of processes()) {
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), pid]);
  }
  const below = (pid: number): number[] =>
    (childrenOf.get(pid) ?? []).flatMap(child => [child, ...below(child)]);
  return roots.flatMap(below);
}

/** Reads /proc where it exists, because a minimal Debian has no `ps`. */
function processes(): { pid: number; parent: number }[] {
  if (!existsSync('/proc/self/stat')) {
    const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=']).toString();
    return table.split('\n').flatMap(line => {
      const [pid, parent] = line.trim().split(/\s+/).map(Number);
      return pid && parent ? [{ pid, parent }] : [];
    });
  }
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      const parent = parentOf(name);
      return parent === undefined ? [] : [{ pid: Number(name), parent }];
    });
}

/** proc(5): `pid (name) state ppid …`. The name may contain spaces and parentheses. */
function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // It ended after it was listed.
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

function send(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // It has already ended.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
