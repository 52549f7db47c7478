import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** Starts a program that says what it has to say into a file: a pipe that nobody reads fills up. */
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
