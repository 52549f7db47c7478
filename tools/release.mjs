import './node-version.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { CliError, parseArguments, reportAndFail } from './cli-error.mjs';
import { run } from './pack/command.mjs';
import { inRepository } from './repository.mjs';

const USAGE = `npm run release -- VERSION [--date YYYY-MM-DD]

Makes a release of what is committed: sets the version, dates the changelog, commits, tags and packs.
If any of it fails, commit and tag are removed again. Nothing is published: push the commit and the
tag, and upload dist, when you have looked at them.`;

const PACKAGE = inRepository('package.json');
const LOCK = inRepository('package-lock.json');
const CHANGELOG = inRepository('CHANGELOG.md');

/** They repeat the version, because people copy and apply them as they are. */
export const REPEATING = [
  'deploy/compose.yaml',
  'deploy/kubernetes/kustomization.yaml',
  'docs/commands.md',
  'docs/run-yourself.md',
];

async function main() {
  const { version, date } = readArguments();
  if ((await git('status', '--porcelain')) !== '') {
    throw new CliError('There are changes that are not committed. Commit or remove them first.');
  }
  if (await hasTag(version)) {
    throw new CliError(`Version ${version} has been released: there is a tag v${version}.`);
  }
  const changelog = readFileSync(CHANGELOG, 'utf8');
  const released = dated(changelog, version, date);
  refuseOlder(version, changelog);
  const before = await git('rev-parse', 'HEAD');
  // Ctrl+C ends the command that is running, and its failure is undone below.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  try {
    writeFileSync(CHANGELOG, released);
    setVersion(version);
    await git('add', 'package.json', 'package-lock.json', 'CHANGELOG.md', ...REPEATING);
    await git('commit', '--quiet', '--message', `chore(release): version ${version}`);
    await git('tag', '--annotate', `v${version}`, '--message', `Version ${version}`);
    console.log(`Committed and tagged v${version}. Packing …`);
    console.log(
      await run('Packing', process.execPath, [inRepository('tools', 'pack', 'main.mjs')]),
    );
  } catch (error) {
    await undo(version, before);
    const why = error instanceof CliError ? error.message : String(error);
    throw new CliError(
      `Nothing was released, and commit and tag were removed again. Correct this, and run the ` +
        `command again: ${why}`,
    );
  } finally {
    process.off('SIGINT', ignore);
  }
}

/**
 * Nothing is lost: there were no changes before the release, and no tag of this version.
 *
 * @param {string} version
 * @param {string} before the commit
 */
async function undo(version, before) {
  await git('reset', '--quiet', '--hard', before);
  if (await hasTag(version)) await git('tag', '--delete', `v${version}`);
}

/** @param {string} version */
async function hasTag(version) {
  return (await git('tag', '--list', `v${version}`)) !== '';
}

/**
 * @param {string} version
 * @param {string} changelog
 * @throws {CliError} if it is lower than the version in package.json, or not above the last release
 */
function refuseOlder(version, changelog) {
  const { version: current } = JSON.parse(readFileSync(PACKAGE, 'utf8'));
  const [, last] = /^## \[(\d+\.\d+\.\d+)\]/m.exec(changelog) ?? [];
  if (compare(version, current) < 0) {
    throw new CliError(`Version ${version} is lower than ${current} in package.json.`);
  }
  if (last && compare(version, last) <= 0) {
    throw new CliError(`CHANGELOG.md has version ${last} already. Name a higher one.`);
  }
}

/**
 * @param {string} left
 * @param {string} right
 */
function compare(left, right) {
  return left.localeCompare(right, 'en', { numeric: true });
}

/**
 * Turns the unreleased changes into a release.
 *
 * @param {string} changelog
 * @param {string} version
 * @param {string} date
 * @throws {CliError} if nothing has changed
 */
export function dated(changelog, version, date) {
  const heading = '## [Unreleased]\n';
  const [before = '', after] = changelog.split(heading);
  if (after === undefined) throw new CliError(`CHANGELOG.md has no section ${heading.trim()}.`);
  const section = after.split(/^## \[/m)[0] ?? '';
  if (section.trim() === '') {
    throw new CliError('CHANGELOG.md has no unreleased changes, so there is nothing to release.');
  }
  return `${before}${heading}\n## [${version}] - ${date}\n${after}`;
}

/**
 * The version is defined in package.json; the lock file and a few pages and settings repeat it, and
 * packing writes it into manifests.
 *
 * @param {string} version
 */
function setVersion(version) {
  const manifest = JSON.parse(readFileSync(PACKAGE, 'utf8'));
  const lock = JSON.parse(readFileSync(LOCK, 'utf8'));
  for (const file of REPEATING.map(path => inRepository(path))) {
    writeFileSync(file, withVersion(readFileSync(file, 'utf8'), manifest.version, version));
  }
  manifest.version = version;
  lock.version = version;
  lock.packages[''].version = version;
  writeFileSync(PACKAGE, `${JSON.stringify(manifest, null, 2)}\n`);
  writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
}

/**
 * @param {string} text
 * @param {string} before
 * @param {string} after
 */
export function withVersion(text, before, after) {
  return text.replaceAll(
    new RegExp(`(?<![\\d.])${before.replaceAll('.', '\\.')}(?![\\d]|\\.\\d)`, 'g'),
    after,
  );
}

/** @param {string[]} args */
async function git(...args) {
  return (await run(`git ${args[0]}`, 'git', args)).trim();
}

function readArguments() {
  const { values, positionals } = parseArguments(USAGE, {
    options: { date: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help) {
    console.log(USAGE);
    process.exit();
  }
  const [version] = positionals;
  const date = values.date ?? new Date().toISOString().slice(0, 10);
  if (!version || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new CliError(`Name the version, such as 0.3.0.\n\n${USAGE}`);
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new CliError('--date is YYYY-MM-DD.');
  return { version, date };
}

if (process.argv[1] === import.meta.filename) main().catch(reportAndFail);
