import { unzipSync, zipSync } from 'fflate';

/** The earliest time that a zip can represent, so that the same files yield the same bytes. */
const NO_TIME = new Date(1980, 0, 1);

/** Level 9 takes twice as long and saves one percent. */
const LEVEL = 5;

/**
 * Writes a zip. The compression is done in JavaScript, so the result depends on neither the machine
 * nor the version of Node.js.
 *
 * @param {Readonly<Record<string, Uint8Array>>} files by path
 */
export function zipOf(files) {
  const sorted = Object.entries(files).sort(([left], [right]) => (left < right ? -1 : 1));
  return zipSync(Object.fromEntries(sorted), { level: LEVEL, mtime: NO_TIME });
}

/**
 * Reads files of a zip.
 *
 * @param {Uint8Array} zip
 * @param {(path: string, size: number) => boolean} [isWanted]
 * @throws {Error} if the zip is damaged or truncated
 */
export function filesOf(zip, isWanted = () => true) {
  return unzipSync(zip, { filter: file => isWanted(file.name, file.originalSize) });
}
