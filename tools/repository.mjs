import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the root package.json. */
export const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string[]} parts of a path inside the repository */
export function inRepository(...parts) {
  return join(REPOSITORY, ...parts);
}

/**
 * The path relative to the current directory, for messages.
 *
 * @param {string} path
 */
export function shown(path) {
  return relative(process.cwd(), path) || '.';
}
