import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const TEXT = new Set(['.css', '.html', '.js', '.json', '.mjs', '.svg', '.ttf', '.txt', '.wasm']);

/** Below this size, the overhead of a packet exceeds what compression saves. */
const MIN_BYTES = 1_024;

/** Two levels below the best, which takes ten times longer for three percent. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/**
 * Writes `x.br` and `x.gz` next to each file `x` that becomes smaller, and removes those of earlier
 * builds.
 *
 * @param {string} folder
 */
export async function compressFiles(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  for (const file of files.filter(isCompressed)) rmSync(file);
  for (const file of files.filter(name => TEXT.has(extname(name)))) await compress(file);
}

/** @param {string} file */
async function compress(file) {
  const bytes = readFileSync(file);
  if (bytes.length < MIN_BYTES) return;
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(bytes, BROTLI),
    promisify(gzip)(bytes, { level: 9 }),
  ]);
  if (br.length < bytes.length) writeFileSync(`${file}.br`, br);
  if (gz.length < bytes.length) writeFileSync(`${file}.gz`, gz);
}

/** @param {string} file */
function isCompressed(file) {
  return ['.br', '.gz'].includes(extname(file));
}
