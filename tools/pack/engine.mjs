import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../repository.mjs';
import { run } from './command.mjs';

export const ENGINES = ['docker', 'podman', 'buildah'];

/**
 * Builds the Dockerfile with an engine of this machine.
 *
 * @param {string} engine
 * @param {{ name: string, version: string, revision: string, created: string }} labels
 * @returns {Promise<Buffer>} the archive of the image
 */
export async function buildWithEngine(engine, { name, version, revision, created }) {
  const folder = mkdtempSync(join(tmpdir(), 'remote-access-image-'));
  const image = `${name}:${version}`;
  const archive = join(folder, 'image.tar');
  const args = [
    ...['--platform', 'linux/amd64', '--tag', image],
    ...['--build-arg', `VERSION=${version}`],
    ...['--build-arg', `REVISION=${revision}`],
    ...['--build-arg', `CREATED=${created}`],
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
