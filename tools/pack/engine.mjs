import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CliError } from '../cli-error.mjs';
import { REPOSITORY } from '../repository.mjs';
import { run } from './command.mjs';

export const ENGINES = ['docker', 'podman', 'buildah'];

/**
 * @typedef {object} Engine
 * @property {string} name one of {@link ENGINES}
 * @property {string | undefined} base an image instead of the Dockerfile's, such as a mirror's
 * @property {string | undefined} ca a file of additional certificate authorities that npm trusts
 *   during the build
 */

/**
 * Builds the Dockerfile with an engine installed on this machine.
 *
 * @param {Engine} engine
 * @param {{ name: string, version: string, revision: string, created: string }} labels
 * @returns {Promise<Buffer>} the archive of the image
 * @throws {CliError} if the file of authorities cannot be read, or with the engine's own message
 */
export async function buildWithEngine({ name: engine, base, ca }, labels) {
  const { name, version, revision, created } = labels;
  if (ca !== undefined) mustBeReadable(ca);
  const folder = mkdtempSync(join(tmpdir(), 'remote-access-image-'));
  const image = `${name}:${version}`;
  const archive = join(folder, 'image.tar');
  const args = [
    ...['--platform', 'linux/amd64', '--tag', image],
    ...['--build-arg', `VERSION=${version}`],
    ...['--build-arg', `REVISION=${revision}`],
    ...['--build-arg', `CREATED=${created}`],
    ...(base === undefined ? [] : ['--build-arg', `BASE=${base}`]),
    ...(ca === undefined ? [] : ['--secret', `id=ca,src=${resolve(ca)}`]),
    // The OCI format has no health check.
    ...(engine === 'docker' ? [] : ['--format', 'docker']),
    REPOSITORY,
  ];
  const save =
    engine === 'buildah'
      ? ['push', image, `docker-archive:${archive}:${image}`]
      : ['save', '--output', archive, image];
  try {
    await run(`Building the image with ${engine}`, engine, ['build', ...args]);
    await run(`Saving the image with ${engine}`, engine, save);
    return readFileSync(archive);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} file */
function mustBeReadable(file) {
  try {
    accessSync(file, constants.R_OK);
  } catch {
    throw new CliError(`The authorities in ${file} (--ca, or NODE_EXTRA_CA_CERTS) cannot be read.`);
  }
}
