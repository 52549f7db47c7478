import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../cli-error.mjs';
import { inRepository } from '../repository.mjs';

/**
 * An entry of package-lock.json.
 *
 * @typedef {object} LockEntry
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {string} [license]
 * @property {string} [resolved] of a workspace: its folder
 * @property {boolean} [link]
 * @property {Record<string, string>} [dependencies]
 */

/**
 * A package that is shipped.
 *
 * @typedef {object} ShippedPackage
 * @property {string} path such as `node_modules/ws`, or `libs/streams` for one of our workspaces
 * @property {string} name
 * @property {string} version
 * @property {boolean} isOurs
 * @property {string} license an SPDX expression
 * @property {string | undefined} integrity as in package-lock.json
 * @property {readonly string[]} dependencies paths
 */

/** @type {Record<string, LockEntry>} */
const LOCK = JSON.parse(readFileSync(inRepository('package-lock.json'), 'utf8')).packages;

/**
 * The packages that a workspace needs at run time, itself first. Optional ones are left out: they
 * are native builds of what also exists in JavaScript.
 *
 * @param {string} workspace such as `apps/microservice`
 * @returns {ShippedPackage[]}
 */
export function productionPackages(workspace) {
  /** @type {Map<string, ShippedPackage>} */
  const found = new Map();
  const waiting = [workspace];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (found.has(path)) continue;
    const entry = packageAt(path);
    found.set(path, entry);
    waiting.push(...entry.dependencies);
  }
  const [first, ...rest] = found.values();
  return [/** @type {ShippedPackage} */ (first), ...rest.sort(byPath)];
}

/** @param {string} path */
function packageAt(path) {
  const entry = LOCK[path];
  const file = inRepository(path, 'package.json');
  if (!entry || !existsSync(file)) {
    throw new CliError(`${path} is not installed. Run npm ci.`);
  }
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const isOurs = !path.includes('node_modules/');
  return {
    path,
    name: String(manifest.name),
    version: String(manifest.version),
    isOurs,
    license: licenseOf(manifest),
    integrity: entry.integrity,
    dependencies: Object.keys(entry.dependencies ?? {}).map(name => resolve(path, name)),
  };
}

/**
 * Where Node.js finds a package: in the nearest node_modules on the way up.
 *
 * @param {string} from
 * @param {string} name
 */
function resolve(from, name) {
  for (let folder = from; ; folder = parentOf(folder)) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    const entry = LOCK[path];
    if (entry) return entry.link ? String(entry.resolved) : path;
    if (folder === '') throw new CliError(`package-lock.json has no ${name}, which ${from} needs.`);
  }
}

/** @param {string} path */
function parentOf(path) {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

/** @param {{ license?: string | { type?: string }, licenses?: { type?: string }[] }} manifest */
function licenseOf({ license, licenses }) {
  if (typeof license === 'string') return license;
  return license?.type ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'NOASSERTION';
}

/**
 * @param {ShippedPackage} left
 * @param {ShippedPackage} right
 */
function byPath(left, right) {
  return left.path < right.path ? -1 : 1;
}

/**
 * The version of a package at the top of node_modules.
 *
 * @param {string} name
 * @param {string} [workspace] whose own copy comes first
 * @returns {ShippedPackage}
 */
export function installedPackage(name, workspace = '') {
  return packageAt(resolve(workspace, name));
}

/** @param {string} name */
export function isInstalled(name) {
  return Object.keys(LOCK).some(path => path.endsWith(`node_modules/${name}`));
}

/**
 * The texts of a package's licence.
 *
 * @param {string} folder
 */
export function licenseTexts(folder) {
  return readdirSync(folder)
    .filter(name => /^(licen[sc]e|copying|notice)/i.test(name))
    .sort()
    .map(name => readFileSync(join(folder, name), 'utf8').trim());
}
