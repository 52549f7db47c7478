import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ArchiveError } from './uploaded-archive';

const run = promisify(execFile);

/** The command to run in a container of the image. */
export interface Image {
  readonly rootfs: string;
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly workingDirectory: string;
  readonly uid: number;
}

interface ImageConfig {
  architecture?: string;
  os?: string;
  config?: {
    User?: string;
    Env?: string[];
    Entrypoint?: string[];
    Cmd?: string[];
    WorkingDir?: string;
  };
}

/**
 * Unpacks a docker archive.
 *
 * @param folder an empty folder
 * @throws ArchiveError if the platform could not run it
 */
export async function unpackImage(archive: Uint8Array, folder: string): Promise<Image> {
  const parts = join(folder, 'image');
  const rootfs = join(folder, 'rootfs');
  // The container's user must be able to read it.
  await mkdir(rootfs, { recursive: true, mode: 0o755 });
  await mkdir(parts);
  const file = join(folder, 'image.tar');
  try {
    await writeFile(file, archive);
    await run('tar', ['-xf', file, '-C', parts]);
    const { config, layers } = await readParts(parts);
    for (const layer of layers) {
      await run('tar', ['-xf', join(parts, layer), '-C', rootfs, '--no-same-owner']);
    }
    // The root is read-only, so mount points must already exist.
    for (const mount of ['proc', 'dev', 'tmp']) {
      await mkdir(join(rootfs, mount), { recursive: true });
    }
    return { rootfs, ...config };
  } catch (cause) {
    if (cause instanceof ArchiveError) throw cause;
    throw new ArchiveError(`image.tar cannot be unpacked: ${(cause as Error).message}`);
  } finally {
    await rm(parts, { recursive: true, force: true });
    await rm(file, { force: true });
  }
}

async function readParts(folder: string) {
  const json = async <Content>(name: string): Promise<Content> =>
    JSON.parse(await readFile(join(folder, inside(name)), 'utf8')) as Content;
  const [manifest] = await json<{ Config?: string; Layers?: string[] }[]>('manifest.json');
  if (!manifest?.Config || !manifest.Layers) throw new ArchiveError('image.tar has no image');
  const { architecture, os, config = {} } = await json<ImageConfig>(manifest.Config);
  if (architecture !== 'amd64' || os !== 'linux') {
    throw new ArchiveError(
      `The image is for ${os}/${architecture}; only linux/amd64 can be hosted`,
    );
  }
  const command = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  if (command.length === 0) throw new ArchiveError('The image names no command');
  return {
    layers: manifest.Layers.map(inside),
    config: {
      command,
      env: config.Env ?? [],
      workingDirectory: config.WorkingDir || '/',
      uid: Number(config.User?.split(':')[0] ?? 0) || 0,
    },
  };
}

/** Resolves a name from the archive, which must not lead out of the folder. */
function inside(name: string): string {
  if (name.startsWith('/') || name.split('/').includes('..')) {
    throw new ArchiveError('image.tar names a file outside of itself');
  }
  return name;
}
