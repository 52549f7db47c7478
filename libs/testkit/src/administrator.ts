import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';

const SUDO = ['sudo', '--non-interactive'] as const;

/**
 * The words before a command that run it as the machine's administrator; none for root.
 *
 * @throws {Error} when this user is neither root nor has sudo without a password
 */
export function administrator(): readonly string[] {
  if (userInfo().uid === 0) return [];
  const [program, ...args] = [...SUDO, 'true'];
  if (spawnSync(program, args, { stdio: 'ignore' }).status === 0) return SUDO;
  throw new Error('This test takes root, or sudo without a password');
}
