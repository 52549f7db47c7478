import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CliError } from '../cli-error.mjs';
import { inRepository } from '../repository.mjs';
import { installedPackage, isInstalled } from './production-packages.mjs';
import { zipOf } from './zip.mjs';

const BUILD = inRepository('apps', 'plugin', 'dist');
const WORKSPACE = 'apps/plugin';

/** Written by the build: the packages whose code is in the bundle, with their licences. */
const BUNDLED = '3rdpartylicenses.txt';

/** Shown by the plugin store, from the repository's documentation. */
const PAGES = {
  'README.md': 'apps/plugin/README.md',
  'CHANGELOG.md': 'CHANGELOG.md',
  LICENSE: 'LICENSE',
  NOTICE: 'NOTICE',
};

/** The pictures of the README. */
const PICTURES = inRepository('docs', 'images');

/**
 * The packages whose code is in the bundle; what the host provides is not.
 *
 * @returns {import('./production-packages.mjs').ShippedPackage[]}
 */
export function bundledPackages() {
  const lines = readFileSync(join(BUILD, BUNDLED), 'utf8').split('\n');
  // Each entry begins with the name and the licence, on a line each.
  const names = lines
    .filter(
      (line, at) =>
        /^(?:@[\w.-]+\/)?[\w.-]+$/.test(line) && /^[\w.+() -]+$/.test(lines[at + 1] ?? ''),
    )
    .filter(isInstalled);
  if (names.length === 0) throw new CliError(`${BUNDLED} names no package. Run npm run clean.`);
  return [...new Set(names)].sort().map(name => installedPackage(name, WORKSPACE));
}

/**
 * The package for the platform's plugin store.
 *
 * @param {string} version
 * @param {string} notices
 */
export function pluginZip(version, notices) {
  const manifest = JSON.parse(readFileSync(join(BUILD, 'cumulocity.json'), 'utf8'));
  const files = filesBelow(BUILD).filter(([path]) => path !== BUNDLED && !/\.(br|gz)$/.test(path));
  const pages = Object.entries(PAGES).map(([path, source]) => {
    const text = readFileSync(inRepository(source), 'utf8');
    // In the package the pictures are next to the page.
    return [path, Buffer.from(text.replaceAll('](../../docs/images/', '](images/'))];
  });
  const pictures = filesBelow(PICTURES).map(([path, data]) => [`images/${path}`, data]);
  return zipOf({
    ...Object.fromEntries([...files, ...pages, ...pictures]),
    'cumulocity.json': Buffer.from(`${JSON.stringify({ ...manifest, version }, null, 2)}\n`),
    'THIRD-PARTY-NOTICES.md': Buffer.from(notices),
  });
}

/**
 * @param {string} folder
 * @returns {[path: string, data: Buffer][]}
 */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => {
      const file = join(entry.parentPath, entry.name);
      return [relative(folder, file), readFileSync(file)];
    });
}
