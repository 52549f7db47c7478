import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliFailure } from '../failures/failure';

/** @throws {CliFailure} */
export function readUserFile(file: string): string {
  return reporting(file, 'read', () => readFileSync(file, 'utf8'));
}

/**
 * @returns `undefined` if there is no such file
 * @throws {CliFailure}
 */
export function readUserFileIfAny(file: string): string | undefined {
  return reporting(file, 'read', () => {
    try {
      return readFileSync(file, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw cause;
    }
  });
}

/**
 * Writes to a file, device or pipe that the user has named.
 *
 * @throws {CliFailure}
 */
export function writeUserFile(file: string, text: string): void {
  reporting(file, 'written', () => writeFileSync(file, text));
}

/**
 * Replaces a file of this program, which only its user can read. It is written to a temporary file
 * and renamed, so that no other process reads an incomplete one and a full disk leaves the old one.
 *
 * @throws {CliFailure}
 */
export function replaceOwnFile(file: string, text: string): void {
  reporting(file, 'written', () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const draft = `${file}.${process.pid}`;
    try {
      writeFileSync(draft, text, { mode: 0o600 });
      renameSync(draft, file);
    } catch (cause) {
      rmSync(draft, { force: true });
      throw cause;
    }
  });
}

function reporting<Result>(file: string, what: 'read' | 'written', work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code ?? message;
    throw new CliFailure('usage', `${file} cannot be ${what}: ${why}.`, { cause });
  }
}
