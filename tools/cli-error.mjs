/** An error that the user can fix: shown as its message alone, without a stack trace. */
export class CliError extends Error {
  /** @param {string} message what is wrong and what to do */
  constructor(message) {
    super(message);
    this.name = 'CliError';
  }
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
