/**
 * Something a person at the terminal can mend: told as one clear sentence, without a stack trace.
 */
export class Trouble extends Error {
  /** @param {string} message what is wrong and what to do */
  constructor(message) {
    super(message);
    this.name = 'Trouble';
  }
}

/**
 * Ends a tool: a trouble is told as it is, anything else is a defect of ours and keeps its stack.
 *
 * @param {unknown} error
 */
export function failWith(error) {
  console.error(error instanceof Trouble ? `\n${error.message}` : error);
  process.exitCode = 1;
}
