import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CliError } from '../cli-error.mjs';
import { inRepository, shown } from '../repository.mjs';
import { filesOf, zipOf } from '../pack/zip.mjs';

/**
 * @typedef {object} Archive
 * @property {string} file its name
 * @property {any} manifest
 * @property {Uint8Array} data
 */

/** Limit of the unpacked image's size, against zip bombs. */
const MAX_BYTES = 2 * 1024 * 1024 * 1024;

const BLOCK = 512;

/**
 * Reads the archive of the microservice and checks that the platform can run it.
 *
 * @param {string} file
 * @returns {Archive}
 * @throws {CliError} in one sentence
 */
export function readService(file) {
  const { files, data, manifest } = readZip(file, path => path === 'image.tar');
  const image = files['image.tar'];
  if (!image) throw new CliError(`${shown(file)} has no image.tar. Run npm run pack again.`);
  const { architecture, os, tags } = imageOf(image, file);
  if (architecture !== 'amd64' || os !== 'linux') {
    throw new CliError(
      `The image in ${shown(file)} is for ${os}/${architecture}, but the platform runs linux/amd64 ` +
        'only. Pack it with npm run pack, or with an engine that builds for linux/amd64.',
    );
  }
  const tag = `${manifest.name}:${manifest.version}`;
  if (!tags.includes(tag)) {
    throw new CliError(
      `The image in ${shown(file)} is ${tags.join(', ') || 'without a name'}, but the manifest says ` +
        `${tag}. The archive mixes two versions: run npm run pack again.`,
    );
  }
  return { file: basename(file), manifest, data };
}

/**
 * Reads the archive of the plugin.
 *
 * @param {string} file
 * @returns {Archive}
 */
export function readPlugin(file) {
  const { files, data, manifest } = readZip(file, path => path === 'remoteEntry.js');
  if (!files['remoteEntry.js'] || manifest.isPackage !== true || !Array.isArray(manifest.exports)) {
    throw new CliError(`${shown(file)} is not a plugin. Run npm run pack again.`);
  }
  return { file: basename(file), manifest, data };
}

/**
 * The archives made by `npm run pack`.
 *
 * @param {{ service?: string | undefined, plugin?: string | undefined }} given
 */
export function packedFiles({ service, plugin }) {
  const { version } = JSON.parse(readFileSync(inRepository('package.json'), 'utf8'));
  return {
    service: service ?? join(inRepository('dist'), `cloud-remote-access-${version}.zip`),
    plugin: plugin ?? join(inRepository('dist'), `remote-access-plugin-${version}.zip`),
  };
}

/**
 * The same archives for another context path.
 *
 * @param {Archive} service
 * @param {Archive} plugin
 * @param {string} contextPath
 */
export function withContextPath(service, plugin, contextPath) {
  const manifest = { ...service.manifest, contextPath };
  const json = (/** @type {unknown} */ value) => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  return {
    service: {
      ...service,
      manifest,
      data: zipOf({ ...filesOf(service.data), 'cumulocity.json': json(manifest) }),
    },
    plugin: {
      ...plugin,
      data: zipOf({ ...filesOf(plugin.data), 'remote-access.json': json({ contextPath }) }),
    },
  };
}

/**
 * @param {string} file
 * @param {(path: string) => boolean} isWanted
 */
function readZip(file, isWanted) {
  if (!existsSync(file)) {
    throw new CliError(`There is no ${shown(file)}. Run npm run pack first, or name the archive.`);
  }
  const data = readFileSync(file);
  let files;
  try {
    files = filesOf(data, (path, size) => {
      if (size > MAX_BYTES) throw new Error(`${path} has ${size} bytes`);
      return path === 'cumulocity.json' || isWanted(path);
    });
  } catch (error) {
    throw new CliError(
      `${shown(file)} is damaged or incomplete (${/** @type {Error} */ (error).message}). ` +
        'Run npm run pack again, or download it again and compare it with SHA256SUMS.',
    );
  }
  return { files, data, manifest: manifestIn(files, file) };
}

/**
 * @param {Readonly<Record<string, Uint8Array>>} files
 * @param {string} file
 */
function manifestIn(files, file) {
  try {
    const manifest = JSON.parse(Buffer.from(files['cumulocity.json'] ?? []).toString('utf8'));
    if (typeof manifest?.version === 'string' && /^\d+\.\d+\.\d+/.test(manifest.version)) {
      return manifest;
    }
  } catch {
    // Reported below.
  }
  throw new CliError(`${shown(file)} has no valid cumulocity.json with a version.`);
}

/**
 * @param {Uint8Array} image a docker archive
 * @param {string} file
 */
function imageOf(image, file) {
  try {
    const [manifest] = JSON.parse(tarFile(image, 'manifest.json'));
    const { architecture, os } = JSON.parse(tarFile(image, manifest.Config));
    return { architecture, os, tags: /** @type {string[]} */ (manifest.RepoTags ?? []) };
  } catch (error) {
    throw new CliError(
      `image.tar in ${shown(file)} is not a docker archive (${/** @type {Error} */ (error).message}). ` +
        'Run npm run pack again.',
    );
  }
}

/**
 * @param {Uint8Array} tar
 * @param {string} wanted
 */
function tarFile(tar, wanted) {
  const buffer = Buffer.from(tar.buffer, tar.byteOffset, tar.byteLength);
  for (let at = 0; at + BLOCK <= buffer.length;) {
    const name = buffer.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    const size = parseInt(buffer.toString('latin1', at + 124, at + 136), 8) || 0;
    if (name === wanted) return buffer.toString('utf8', at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new Error(`it has no ${wanted}`);
}
