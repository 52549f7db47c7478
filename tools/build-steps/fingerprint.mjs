import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository } from '../repository.mjs';

/** Written by tools next to the sources. */
const OUTPUTS = /^(dist|node_modules|\.angular|.*\.tsbuildinfo|.*\.log)$/;

/**
 * One hash of everything that a build reads.
 *
 * @param {readonly string[]} inputs files and folders, relative to the repository
 * @param {(path: string) => boolean} counts which files in those folders matter
 */
export function fingerprint(inputs, counts = () => true) {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const path of filesOf(input).filter(counts)) {
      const content = readFileSync(inRepository(path));
      hash.update(`${path}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex');
}

/**
 * @param {string} input
 * @returns {string[]} in the same order on every machine
 */
function filesOf(input) {
  if (!isFolder(input)) return [input];
  return readdirSync(inRepository(input))
    .filter(name => !OUTPUTS.test(name))
    .sort()
    .flatMap(name => filesOf(join(input, name)));
}

/** @param {string} path */
function isFolder(path) {
  return statSync(inRepository(path)).isDirectory();
}
