import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository } from '../repository.mjs';
import { imageConfig } from './image-config.mjs';
import { tarOf } from './tar.mjs';

/**
 * @typedef {import('./tar.mjs').TarEntry} TarEntry
 * @typedef {import('./production-packages.mjs').ShippedPackage} ShippedPackage
 * @typedef {import('./runtime.mjs').DebianPackage} DebianPackage
 */

/**
 * Lets Node.js listen on port 80 without being root (capabilities(7), `struct vfs_cap_data` of revision
 * 2 with the effective bit, CAP_NET_BIND_SERVICE = 10).
 */
const MAY_BIND_LOW_PORTS = Buffer.alloc(20);
MAY_BIND_LOW_PORTS.writeUInt32LE(0x0200_0001, 0);
MAY_BIND_LOW_PORTS.writeUInt32LE(1 << 10, 4);

/** Not needed at run time, or meant for other machines than the image's. */
const LEFT_OUT =
  /\.([cm]?ts|map|tsbuildinfo|spec\.js|fixture\.js|md|markdown|gyp|gypi|flow)$|(^|\/)\.\w/i;

/** Folders at the top of packages that nothing needs at run time. */
const NO_CODE = /^(tests?|examples?|bench(marks?)?)\//;

/** For native packages: sources, and what was built for the machine that creates the archive. */
const BUILDS_OF_NATIVE = /(^|\/)(build|src|deps|obj)\//;
const OTHER_PREBUILDS = /(^|\/)prebuilds\/(?!linux-x64\/)/;

/**
 * Writes an image as `docker save` does.
 *
 * @param {object} content
 * @param {string} content.name
 * @param {string} content.version
 * @param {{ revision: string, created: string }} content.source of the labels
 * @param {string} content.node folder of Node.js
 * @param {readonly DebianPackage[]} content.debian
 * @param {readonly ShippedPackage[]} content.packages
 * @param {string} content.notices
 * @returns {Buffer} the archive
 */
export function imageArchive({ name, version, source, node, debian, packages, notices }) {
  const layers = [
    { what: 'Node.js and the libraries that it needs', data: rootLayer(node, debian) },
    { what: 'the microservice', data: applicationLayer(packages, notices) },
  ].map(({ what, data }) => ({ what, data: tarOf(data) }));
  const digests = layers.map(({ data }) => sha256(data));
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    created: source.created,
    config: imageConfig({ version, ...source }),
    rootfs: { type: 'layers', diff_ids: digests.map(digest => `sha256:${digest}`) },
    history: layers.map(({ what }) => ({ created: source.created, created_by: what })),
  });
  const configFile = `${sha256(Buffer.from(config))}.json`;
  const layerFiles = digests.map(digest => `${digest}.tar`);
  const manifest = [{ Config: configFile, RepoTags: [`${name}:${version}`], Layers: layerFiles }];
  return tarOf([
    { path: 'manifest.json', type: 'file', data: Buffer.from(JSON.stringify(manifest)) },
    { path: configFile, type: 'file', data: Buffer.from(config) },
    ...layers.map(({ data }, index) => {
      return { path: String(layerFiles[index]), type: /** @type {const} */ ('file'), data };
    }),
  ]);
}

/**
 * @param {string} node
 * @param {readonly DebianPackage[]} debian
 * @returns {TarEntry[]}
 */
function rootLayer(node, debian) {
  const files = debian.flatMap(({ folder, files: wanted }) =>
    entriesBelow(folder, '', path => wanted.some(one => matches(path, one))),
  );
  const copyrights = debian.flatMap(({ name, folder }) => {
    const path = `usr/share/doc/${name}`;
    const link = lstatSync(join(folder, path));
    if (link.isSymbolicLink()) {
      const target = readlinkSync(join(folder, path));
      return [{ path, type: /** @type {const} */ ('link'), target }];
    }
    return [fileEntry(`${path}/copyright`, readFileSync(join(folder, path, 'copyright')))];
  });
  return withFolders([
    ...files,
    ...copyrights,
    fileEntry('etc/ssl/certs/ca-certificates.crt', certificatesOf(debian)),
    fileEntry('etc/passwd', 'root:x:0:0:root:/:/nonexistent\napp:x:1000:1000:app:/:/nonexistent\n'),
    fileEntry('etc/group', 'root:x:0:\napp:x:1000:\n'),
    fileEntry('etc/nsswitch.conf', 'hosts: files dns\n'),
    ...['dev/', 'proc/', 'sys/'].map(path => ({ path, type: /** @type {const} */ ('folder') })),
    { path: 'tmp/', type: 'folder', mode: 0o1777 },
    {
      ...fileEntry('usr/local/bin/node', readFileSync(join(node, 'bin', 'node'))),
      mode: 0o755,
      xattrs: { 'security.capability': MAY_BIND_LOW_PORTS },
    },
    fileEntry('usr/share/doc/node/LICENSE', readFileSync(join(node, 'LICENSE'))),
  ]);
}

/**
 * @param {string} path
 * @param {string} wanted a folder, a path, or the name of a file
 */
function matches(path, wanted) {
  if (wanted.endsWith('/')) return path.startsWith(wanted);
  return path === wanted || path.endsWith(`/${wanted}`) || isVersionOf(path, wanted);
}

/**
 * Whether the path is the file that a library's link leads to, such as `libstdc++.so.6.0.30`.
 *
 * @param {string} path
 * @param {string} library
 */
function isVersionOf(path, library) {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return path.includes('lib/') && name.startsWith(`${library}.`) && !name.endsWith('.py');
}

/** @param {readonly DebianPackage[]} debian */
function certificatesOf(debian) {
  const folder = debian.find(({ name }) => name === 'ca-certificates')?.folder ?? '';
  return entriesBelow(folder, '', path => path.endsWith('.crt'))
    .map(({ data }) => Buffer.from(data ?? []).toString('utf8'))
    .join('');
}

/**
 * @param {readonly ShippedPackage[]} packages
 * @param {string} notices
 */
function applicationLayer(packages, notices) {
  const folders = new Set(packages.map(({ path }) => path));
  const entries = packages.flatMap(one => {
    const files = filesOf(one, folders).map(entry => ({ ...entry, path: `app/${entry.path}` }));
    if (!one.isOurs || one.path.startsWith('apps/')) return files;
    const path = `app/node_modules/${one.name}`;
    return [...files, { path, type: /** @type {const} */ ('link'), target: `../../${one.path}` }];
  });
  return withFolders([...entries, fileEntry('app/THIRD-PARTY-NOTICES.md', notices), ...legal()]);
}

function legal() {
  return ['LICENSE', 'NOTICE'].map(name =>
    fileEntry(`app/${name}`, readFileSync(inRepository(name))),
  );
}

/**
 * @param {ShippedPackage} one
 * @param {ReadonlySet<string>} folders of all shipped packages
 * @returns {TarEntry[]}
 */
function filesOf({ path, isOurs }, folders) {
  const folder = inRepository(path);
  if (isOurs) {
    return [
      fileEntry(`${path}/package.json`, readFileSync(join(folder, 'package.json'))),
      ...entriesBelow(inRepository(), `${path}/dist/`, file => !LEFT_OUT.test(file)),
    ];
  }
  const isNative = readdirSync(folder).includes('binding.gyp') || path.endsWith('/ssh2');
  return entriesBelow(inRepository(), `${path}/`, file => {
    const rest = file.slice(path.length + 1);
    // Packages inside this one are listed separately, if they are needed.
    if (rest.startsWith('node_modules/') || folders.has(file)) return false;
    if (NO_CODE.test(rest)) return false;
    if (LEFT_OUT.test(rest) && !/licen[sc]e|notice|copying/i.test(rest)) return false;
    return !isNative || !(BUILDS_OF_NATIVE.test(rest) || OTHER_PREBUILDS.test(rest));
  });
}

/**
 * @param {string} root
 * @param {string} below a folder in it, with a slash at its end
 * @param {(path: string) => boolean} isWanted
 * @returns {TarEntry[]} in a fixed order
 */
function entriesBelow(root, below, isWanted) {
  return readdirSync(join(root, below), { withFileTypes: true })
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap(entry => {
      const path = below + entry.name;
      if (entry.isDirectory()) return entriesBelow(root, `${path}/`, isWanted);
      if (!isWanted(path)) return [];
      const file = join(root, path);
      if (entry.isSymbolicLink()) {
        return [{ path, type: /** @type {const} */ ('link'), target: readlinkSync(file) }];
      }
      const isProgram = (lstatSync(file).mode & 0o100) !== 0;
      return [{ ...fileEntry(path, readFileSync(file)), ...(isProgram && { mode: 0o755 }) }];
    });
}

/**
 * @param {string} path
 * @param {Uint8Array | string} data
 * @returns {TarEntry}
 */
function fileEntry(path, data) {
  return { path, type: 'file', data: typeof data === 'string' ? Buffer.from(data) : data };
}

/**
 * Adds the folders that the entries are in.
 *
 * @param {readonly TarEntry[]} entries
 */
function withFolders(entries) {
  /** @type {Map<string, TarEntry>} */
  const all = new Map(entries.map(entry => [entry.path, entry]));
  for (const { path } of entries) {
    const parts = path.replace(/\/$/, '').split('/').slice(0, -1);
    parts.forEach((_part, index) => {
      const folder = `${parts.slice(0, index + 1).join('/')}/`;
      if (!all.has(folder)) all.set(folder, { path: folder, type: 'folder' });
    });
  }
  return [...all.values()].sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** @param {Uint8Array} data */
export function sha256(data) {
  return createHash('sha256').update(data).digest('hex');
}
