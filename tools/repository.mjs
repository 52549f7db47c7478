import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the root package.json. */
export const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string[]} parts of a path inside the repository */
export function inRepository(...parts) {
  return join(REPOSITORY, ...parts);
}

/**
 * A path as a person at the terminal can use it.
 *
 * @param {string} path
 */
export function shown(path) {
  return relative(process.cwd(), path) || '.';
}
