import { spawn } from 'node:child_process';
import { accessSync, constants as modes } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { CliFailure } from '../failures/failure';

/** Shells add this number to the signal that ended a program. */
const SIGNAL_BASE = 128;

/** Variables with credentials; the programs we start do not need them. */
const SECRET_VARIABLES = /^REMOTE_ACCESS_(PASSWORD|TOKEN|TOTP)$/;

/**
 * The first of several programs that is installed.
 *
 * @param names in order of preference; absolute paths are used as they are
 * @param hint how to install one
 * @throws {CliFailure} if none is installed
 */
export function findProgram(
  names: readonly string[],
  { PATH = '', PATHEXT = '' }: NodeJS.ProcessEnv,
  hint: string,
): string {
  const endings = process.platform === 'win32' ? PATHEXT.split(';') : [''];
  for (const name of names) {
    const places = isAbsolute(name) ? [''] : PATH.split(delimiter).filter(isAbsolute);
    for (const place of places) {
      for (const ending of endings) {
        const path = join(place, name + ending);
        if (isExecutable(path)) return path;
      }
    }
  }
  throw new CliFailure('program-missing', `${names.join(', ')}: not found on this machine.`, {
    hint,
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, modes.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a program in this terminal, and leaves keyboard signals to it.
 *
 * @returns its exit code
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const ignore = (): void => undefined;
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, ignore);
  try {
    return await new Promise<number>((resolve, reject) => {
      const child = spawn(program, args, { stdio: 'inherit', env: withoutSecrets(env) });
      const stop = (): boolean => child.kill('SIGTERM');
      process.once('SIGTERM', stop);
      child.on('error', cause => {
        reject(new CliFailure('program-missing', `${program} does not start.`, { cause }));
      });
      child.once('exit', (code, signal) => {
        process.off('SIGTERM', stop);
        resolve(code ?? SIGNAL_BASE + (signal ? constants.signals[signal] : 0));
      });
    });
  } finally {
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.off(signal, ignore);
  }
}

/** Starts a program that keeps running independently, such as a browser. */
export async function startProgram(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const child = spawn(program, args, {
    stdio: 'ignore',
    detached: true,
    env: withoutSecrets(env),
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.on('error', cause => {
      reject(new CliFailure('program-missing', `${program} does not start.`, { cause }));
    });
  });
  child.unref();
}

/** Removes secrets, because a user's configuration may make ssh send variables to the server. */
export function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SECRET_VARIABLES.test(name)));
}
