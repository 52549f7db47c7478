import './node-version.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CliError, reportAndFail } from './cli-error.mjs';
import { run } from './pack/command.mjs';
import { inRepository } from './repository.mjs';

const USAGE = `npm run release -- VERSION [--date YYYY-MM-DD]

Makes a release of what is committed: sets the version, dates the changelog, commits, tags and packs.
Nothing is published: push the commit and the tag, and upload dist, when you have looked at them.`;

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
  if ((await git('tag', '--list', `v${version}`)) !== '') {
    throw new CliError(`Version ${version} has been released: there is a tag v${version}.`);
  }
  const changelog = readFileSync(CHANGELOG, 'utf8');
  writeFileSync(CHANGELOG, dated(changelog, version, date));
  setVersion(version);
  await git('add', 'package.json', 'package-lock.json', 'CHANGELOG.md', ...REPEATING);
  await git('commit', '--quiet', '--message', `chore(release): version ${version}`);
  await git('tag', '--annotate', `v${version}`, '--message', `Version ${version}`);
  console.log(`Committed and tagged v${version}. Packing …`);
  console.log(await run('Packing', process.execPath, [inRepository('tools', 'pack', 'main.mjs')]));
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
  const { values, positionals } = parseArgs({
    options: { date: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [version] = positionals;
  const date = values.date ?? new Date().toISOString().slice(0, 10);
  if (values.help || !version || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new CliError(`Name the version, such as 0.3.0.\n\n${USAGE}`);
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new CliError('--date is YYYY-MM-DD.');
  return { version, date };
}

if (process.argv[1] === import.meta.filename) main().catch(reportAndFail);
