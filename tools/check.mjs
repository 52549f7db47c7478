import './node-version.mjs';
import { existsSync, readFileSync } from 'node:fs';
import { CliError, refuseArguments, reportAndFail } from './cli-error.mjs';
import { install } from './installation.mjs';
import { runLogged } from './logged-command.mjs';
import { inRepository } from './repository.mjs';
import { summaryOf } from './test-counts.mjs';

/** @type {Readonly<Record<string, readonly string[]>>} */
const CHECKS = {
  // The longest one comes first; the others run next to it.
  eslint: [process.execPath, 'node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.'],
  tsc: [process.execPath, 'node_modules/typescript/bin/tsc', '-b'],
  prettier: [process.execPath, 'node_modules/prettier/bin/prettier.cjs', '--check', '.'],
};

/** Workspaces whose templates need Angular's own compiler. */
const ANGULAR = ['apps/plugin', 'apps/shell'];

/**
 * Runs every check that does not need the product to run, two at a time, because each takes one
 * core. They need the Node programs to be built, but not what the browser loads.
 *
 * @param {Promise<void>} build takes the place of one check while it runs; the checks that have not
 *   begun when it fails are left out
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
export async function runChecks(build = Promise.resolve()) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  const waiting = [...Object.entries(CHECKS), ...angularChecks()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, command] = next;
      count[(await passes(name, command)) ? 'passed' : 'failed'] += 1;
    }
  };
  const built = build.catch(error => {
    waiting.length = 0;
    throw error;
  });
  await Promise.all([built.then(worker), worker()]);
  return count;
}

/**
 * @param {string} name
 * @param {readonly string[]} command
 */
async function passes(name, [program = '', ...args]) {
  try {
    const log = inRepository('.cache', 'logs', `check-${name.replaceAll('/', '-')}.log`);
    await runLogged(`Checking with ${name}`, program, args, { log });
    return true;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    console.error(error.message);
    return false;
  }
}

/** @returns {[string, readonly string[]][]} */
function angularChecks() {
  return ANGULAR.filter(folder => {
    const file = inRepository(folder, 'package.json');
    return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).scripts?.check;
  }).map(folder => [`ngc in ${folder}`, ['npm', 'run', 'check', `--prefix=${folder}`]]);
}

async function main() {
  refuseArguments('npm run check\n\nChecks types, style, layers and templates.');
  await install();
  const count = await runChecks();
  console.log(summaryOf(count));
  if (count.failed > 0) process.exitCode = 1;
}

if (process.argv[1] === import.meta.filename) main().catch(reportAndFail);
