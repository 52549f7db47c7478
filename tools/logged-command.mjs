import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { REPOSITORY, shown } from './repository.mjs';
import { CliError } from './cli-error.mjs';

/** Enough to see what went wrong, without scrolling the message above out of view. */
const TAIL_LINES = 25;

/** How often progress is printed if the output is not a terminal, as in CI. */
const SIGN_OF_LIFE_MS = 20_000;

/** Clears the terminal's line. Concurrent commands share it; the last one to write is shown. */
const CLEAR = '\r\x1b[2K';

/** Running commands, each with the function that ends its progress line. */
/** @type {Map<import('node:child_process').ChildProcess, (outcome: string) => void>} */
const running = new Map();

/** Ends every running command and the processes that it has started. */
function endAll(/** @type {NodeJS.Signals} */ signal) {
  for (const [{ pid }, endProgress] of running) {
    try {
      if (pid) process.kill(-pid, 'SIGTERM');
    } catch (error) {
      // It has already ended.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
    }
    endProgress('stopped');
  }
  process.exit(signal === 'SIGINT' ? 130 : 143);
}

/**
 * Runs a command, with its output in a log file and its progress on one line.
 *
 * @param {string} what shown as progress, for example "Building the plugin"
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ log: string, env?: NodeJS.ProcessEnv }} options
 * @throws {CliError} if it fails, with the reason, the log's last lines and its path
 */
export async function runLogged(what, command, args, { log, env = process.env }) {
  mkdirSync(dirname(log), { recursive: true });
  const progress = showProgress(what);
  const output = openSync(log, 'w');
  // A separate process group, so that a signal reaches everything that the command has started.
  const child = spawn(command, args, {
    cwd: REPOSITORY,
    env,
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  if (running.size === 0) process.on('SIGINT', endAll).on('SIGTERM', endAll).on('SIGHUP', endAll);
  running.set(child, progress.end);
  try {
    const reason = await ending(child);
    progress.end(reason ?? '');
    if (reason)
      throw new CliError(`${what} failed: ${reason}.\n${tail(log)}\nFull log: ${shown(log)}`);
  } finally {
    running.delete(child);
    if (running.size === 0) {
      process.off('SIGINT', endAll).off('SIGTERM', endAll).off('SIGHUP', endAll);
    }
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<string | undefined>} why it failed, if it did
 */
function ending(child) {
  return new Promise(resolve => {
    child.on('error', error => resolve(error.message));
    child.once('exit', (code, signal) => {
      if (signal) resolve(`ended by ${signal}`);
      else resolve(code === 0 ? undefined : `exit code ${code}`);
    });
  });
}

/** @param {string} what */
function showProgress(what) {
  const startedAt = performance.now();
  const elapsed = () => formatSeconds((performance.now() - startedAt) / 1000);
  const live = process.stdout.isTTY;
  if (!live) console.log(`${what} …`);
  const show = () =>
    live
      ? process.stdout.write(`${CLEAR}${what} … ${elapsed()} `)
      : console.log(`  … ${elapsed()}`);
  const timer = setInterval(show, live ? 1000 : SIGN_OF_LIFE_MS);
  return {
    /** @param {string} outcome empty on success */
    end(outcome) {
      clearInterval(timer);
      const line = `${what}: ${outcome || 'done'} after ${elapsed()}`;
      console.log(live ? `${CLEAR}${line}` : line);
    },
  };
}

/** @param {number} seconds */
function formatSeconds(seconds) {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** @param {string} log */
export function tail(log) {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  return lines
    .slice(-TAIL_LINES)
    .map(line => `  | ${line}`)
    .join('\n');
}
