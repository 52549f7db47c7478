import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../cli-error.mjs';
import { inRepository } from '../repository.mjs';
import { licenseTexts } from './production-packages.mjs';

/** @typedef {import('./production-packages.mjs').ShippedPackage} ShippedPackage */

/** Licences compatible with Apache-2.0. A person reviews each one before it is added. */
const ACCEPTED = new Set([
  ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'],
  ...['MPL-2.0', 'Unlicense', 'Python-2.0'],
]);

/** Sources of the packages whose licence requires naming them. */
const SOURCES_OF = { 'MPL-2.0': 'Its sources are in the npm package of this name and version.' };

/**
 * The notices required by the licences of shipped packages.
 *
 * @param {string} product
 * @param {readonly ShippedPackage[]} packages
 * @param {readonly { title: string, text: string }[]} [others] that are not npm packages
 */
export function noticesOf(product, packages, others = []) {
  // The same version may be installed in several places.
  const byVersion = new Map(packages.map(one => [`${one.name} ${one.version}`, one]));
  const foreign = [...byVersion.values()].filter(({ isOurs }) => !isOurs);
  const refused = foreign.filter(({ license }) => !isAccepted(license));
  if (refused.length > 0) {
    const names = refused.map(({ name, license }) => `${name} (${license})`).join(', ');
    throw new CliError(
      `${product} would ship ${names}. Check the licence, and add it to tools/pack/notices.mjs.`,
    );
  }
  const sections = foreign.map(({ name, version, license, path }) => {
    const texts = licenseTexts(inRepository(path));
    const source = SOURCES_OF[/** @type {keyof typeof SOURCES_OF} */ (license)];
    return section(`${name} ${version}`, [
      `Licence: ${license}`,
      ...(source ? [source] : []),
      ...texts.map(quoted),
      ...vendoredTexts(path),
    ]);
  });
  return [
    `# Third-party notices of ${product}\n`,
    `${product} contains the following software. Its own licence is in LICENSE.\n`,
    ...sections,
    ...others.map(({ title, text }) => section(title, [text])),
  ].join('\n');
}

/** @param {string} license */
function isAccepted(license) {
  return license
    .replace(/[()]/g, '')
    .split(/ (?:OR|AND) /)
    .some(id => ACCEPTED.has(id));
}

/**
 * @param {string} title
 * @param {readonly string[]} paragraphs
 */
function section(title, paragraphs) {
  return `## ${title}\n\n${paragraphs.join('\n\n')}\n`;
}

/** @param {string} text */
function quoted(text) {
  return `\`\`\`\n${text.replaceAll('```', "'''")}\n\`\`\``;
}

/**
 * Packages inside a package.
 *
 * @param {string} path
 */
function vendoredTexts(path) {
  const file = join(inRepository(path), 'vendor', 'pako', 'LICENSE');
  return existsSync(file) ? ['It contains pako:', quoted(readFileSync(file, 'utf8').trim())] : [];
}
