import './node-version.mjs';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { prepare } from './build.mjs';
import { runChecks } from './check.mjs';
import { ensureTestPackages } from './interop-programs/debian-packages.mjs';
import { ensurePythonPackages } from './interop-programs/python-packages.mjs';
import { inRepository } from './repository.mjs';
import { countOf, fromJest, fromPlaywright, summaryOf, sum } from './test-counts.mjs';
import { CliError, parseArguments } from './cli-error.mjs';

/** @typedef {import('./test-counts.mjs').Count} Count */

const USAGE = `npm test
npm run test:other-mode

Run all checks and tests, or the tests that start a platform with the platform the other way.
CONTRIBUTING.md says how to run some of them.`;

/**
 * @typedef {object} Runner
 * @property {readonly string[]} args for Node; `REPORT` stands for the path of the runner's report
 * @property {(report: any) => Count} read
 * @property {string} [folder] where it runs; the repository by default
 * @property {readonly string[]} [otherMode] arguments to add for the other mode, if it has one
 */

const JEST = [inRepository('node_modules/jest/bin/jest.js'), '--json', '--outputFile=REPORT'];

/** @type {Readonly<Record<string, Runner>>} */
const RUNNERS = {
  unit: { args: [...JEST, '--selectProjects', 'unit'], read: fromJest },
  plugin: { args: [...JEST, '--maxWorkers=100%'], read: fromJest, folder: 'apps/plugin' },
  whole: {
    args: [...JEST, '--selectProjects', 'whole'],
    read: fromJest,
    // Jest takes what follows a list of projects for one of them.
    otherMode: ['--testPathPatterns', 'test/(conformance|integration|interop|security|soak)/'],
  },
  browser: {
    args: [inRepository('node_modules/@playwright/test/cli.js'), 'test', '--config=test/e2e'],
    read: fromPlaywright,
    otherMode: [],
  },
};

/**
 * A runner that has written its report has nothing left to do. If it does not exit, a test has left
 * something open; that is a failure, and must not block the other runners.
 */
const EXIT_TIMEOUT_MS = 60_000;

const REPORT_CHECK_MS = 1000;

/** @returns {Promise<Count>} */
async function main() {
  const { values } = parseArguments(USAGE, {
    options: { 'other-mode': { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit();
  }
  // `npm test` runs half of the files that start a platform as if it hosted the service. In the
  // other mode, each of these files runs the other way, and most of everything else is left out.
  const isOtherMode = values['other-mode'] === true;
  await Promise.all([installTools(), prepare(['node'])]);
  const rest = prepare();
  const counts = isOtherMode ? [] : [{ name: 'check', ...(await runChecks(rest)) }];
  await rest;
  for (const [name, runner] of Object.entries(RUNNERS)) {
    if (isOtherMode && !runner.otherMode) continue;
    counts.push({ name, ...(await run(name, runner, isOtherMode)) });
  }
  console.log('\nTotals:');
  for (const count of counts) console.log(`  ${count.name}: ${summaryOf(count)}`);
  const total = sum(counts);
  list('Failed once and passed at the second attempt', total.second);
  list('Failed', total.failures);
  return total;
}

async function installTools() {
  await ensureTestPackages();
  await ensurePythonPackages();
}

/**
 * @param {string} heading
 * @param {readonly string[]} titles
 */
function list(heading, titles) {
  if (titles.length === 0) return;
  console.log(`\n${heading}:`);
  for (const title of titles) console.log(`  ${title}`);
}

/**
 * @param {string} name
 * @param {Runner} runner
 * @param {boolean} isOtherMode
 */
async function run(name, { args, read, folder = '.', otherMode = [] }, isOtherMode) {
  console.log(`\n── ${name} tests`);
  const report = inRepository('.cache', 'reports', `${name}.json`);
  mkdirSync(inRepository('.cache', 'reports'), { recursive: true });
  rmSync(report, { force: true });
  const child = spawn(
    process.execPath,
    [...args, ...(isOtherMode ? otherMode : [])].map(one => one.replace('REPORT', report)),
    {
      cwd: inRepository(folder),
      env: {
        ...process.env,
        PLAYWRIGHT_JSON_OUTPUT_NAME: report,
        // `npm start` runs as if the service were hosted only when it is told to.
        ...(isOtherMode && { HOSTED: 'other', AS_HOSTED: 'true' }),
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const watch = endAfterReport(child, report, name);
  const exitCode = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.once('exit', code => resolve(code ?? 1));
  }).finally(() => clearInterval(watch));
  const count = countOf(report, exitCode, read);
  if (count.remark) console.error(`The ${name} tests ${count.remark}.`);
  return count;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} report
 * @param {string} name
 */
function endAfterReport(child, report, name) {
  let reportedAt = Infinity;
  return setInterval(() => {
    if (reportedAt === Infinity && existsSync(report)) reportedAt = performance.now();
    if (performance.now() < reportedAt + EXIT_TIMEOUT_MS) return;
    console.error(
      `The ${name} tests have finished, but something they left open keeps the process running.`,
    );
    child.kill('SIGKILL');
  }, REPORT_CHECK_MS);
}

main()
  .catch(error => {
    console.error(error instanceof CliError ? `\n${error.message}` : error);
    return { passed: 0, failed: 1, skipped: 0 };
  })
  .then(count => {
    // In CI, a skipped test would go unnoticed.
    if (count.failed > 0 || (process.env['CI'] && count.skipped > 0)) process.exitCode = 1;
    console.log(summaryOf(count));
  });
