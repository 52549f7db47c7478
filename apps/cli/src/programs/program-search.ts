import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { CliFailure } from '../failures/failure';

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
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
