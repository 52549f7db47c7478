import { spawn } from 'node:child_process';
import { CliError } from '../cli-error.mjs';
import { REPOSITORY } from '../repository.mjs';

/** How much of a failed command's output is shown. */
const TAIL_LENGTH = 2000;

/**
 * Runs a command and returns what it prints.
 *
 * @param {string} what it is for, for the error
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string }} [options]
 * @returns {Promise<string>}
 * @throws {CliError} if it cannot be started or fails
 */
export function run(what, program, args, { cwd = REPOSITORY } = {}) {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', text => (output += text));
  child.stderr.setEncoding('utf8').on('data', text => (errors += text));
  return new Promise((resolve, reject) => {
    child.on('error', error => {
      const isMissing = /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT';
      const why = isMissing ? `there is no ${program} on this machine` : error.message;
      reject(new CliError(`${what} failed: ${why}.`));
    });
    child.once('close', code => {
      if (code === 0) return resolve(output);
      const text = (errors || output).trim().slice(-TAIL_LENGTH);
      reject(new CliError(`${what} failed: ${program} ended with exit code ${code}.\n${text}`));
    });
  });
}
