import { existsSync, readFileSync } from 'node:fs';
import { runLogged } from './logged-command.mjs';
import { inRepository } from './repository.mjs';
import { Trouble } from './trouble.mjs';

/** @type {Readonly<Record<string, readonly string[]>>} */
const CHECKS = {
  // The longest first: the others run beside it.
  eslint: [process.execPath, 'node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.'],
  tsc: [process.execPath, 'node_modules/typescript/bin/tsc', '-b'],
  prettier: [process.execPath, 'node_modules/prettier/bin/prettier.cjs', '--check', '.'],
};

/** Each takes one core. */
const AT_ONCE = 2;

/** Workspaces whose templates only their own compiler reads. */
const ANGULAR = ['apps/plugin', 'apps/shell'];

/**
 * Everything that is held without running the product.
 *
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
export async function runChecks() {
  const count = { passed: 0, failed: 0, skipped: 0 };
  const waiting = [...Object.entries(CHECKS), ...angularChecks()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, command] = next;
      count[(await holds(name, command)) ? 'passed' : 'failed'] += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return count;
}

/**
 * @param {string} name
 * @param {readonly string[]} command
 */
async function holds(name, [program = '', ...args]) {
  try {
    const log = inRepository('.cache', 'logs', `check-${name.replaceAll('/', '-')}.log`);
    await runLogged(`Checking with ${name}`, program, args, { log });
    return true;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
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
