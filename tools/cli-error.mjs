import { parseArgs } from 'node:util';

/** An error that the user can fix: shown as its message alone, without a stack trace. */
export class CliError extends Error {
  /** @param {string} message what is wrong and what to do */
  constructor(message) {
    super(message);
    this.name = 'CliError';
  }
}

/**
 * Parses the arguments of a command.
 *
 * @template {import('node:util').ParseArgsConfig} Config
 * @param {string} usage shown after the reason
 * @param {Config} config
 * @returns {ReturnType<typeof parseArgs<Config>>}
 * @throws {CliError} for arguments that the command does not have
 */
export function parseArguments(usage, config) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new CliError(`${/** @type {Error} */ (error).message}\n\n${usage}`);
  }
}

/**
 * For commands without options: an argument that they ignored may have been meant to keep them from
 * what they do, as in `npm run clean -- --help`. `--help` prints the usage and ends the process.
 *
 * @param {string} usage
 * @throws {CliError} for any other argument
 */
export function refuseArguments(usage) {
  const { values } = parseArguments(usage, { options: { help: { type: 'boolean' } } });
  if (!values.help) return;
  console.log(usage);
  process.exit();
}

/**
 * Reports an error and makes the process fail. Anything but a {@link CliError} is a bug and keeps
 * its stack trace.
 *
 * @param {unknown} error
 */
export function reportAndFail(error) {
  console.error(error instanceof CliError ? `\n${error.message}` : error);
  process.exitCode = 1;
}
