import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { prepare } from './build.mjs';
import { CliError, refuseArguments, reportAndFail } from './cli-error.mjs';
import { ensureTestPackages } from './interop-programs/debian-packages.mjs';
import { goC8yCli } from './interop-programs/go-programs.mjs';
import { ensurePythonPackages } from './interop-programs/python-packages.mjs';
import { inRepository } from './repository.mjs';

/**
 * @typedef {object} Report
 * @property {string} program
 * @property {string} version
 * @property {string} date the day of the run
 * @property {string} role
 * @property {{ behaviour: string, works: boolean, note: string }[]} findings
 */

const REPORTS = inRepository('.cache', 'reports', 'interop');

/**
 * Runs third-party programs against ours, including everything that `npm test` has no time for, and
 * writes docs/compatibility.md from the results.
 */
async function main() {
  refuseArguments(
    'npm run test:interop\n\nRuns third-party programs against ours and writes docs/compatibility.md.',
  );
  await ensureTestPackages();
  await ensurePythonPackages();
  await prepare(['node']);
  const program = goC8yCli();
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });
  const jest = [inRepository('node_modules/jest/bin/jest.js'), 'test/interop/foreign'];
  const { status } = spawnSync(process.execPath, [...jest, '--selectProjects', 'whole'], {
    cwd: inRepository('.'),
    stdio: 'inherit',
    env: { ...process.env, INTEROP: 'full', ...(program && { GO_C8Y_CLI: program }) },
  });
  const reports = readReports();
  if (reports.length === 0) throw new CliError('No test has written a report; see above.');
  writeFileSync(inRepository('docs', 'compatibility.md'), pageOf(reports, program));
  if (status !== 0) throw new CliError('Not everything works; see above.');
}

/** @returns {Report[]} */
function readReports() {
  return readdirSync(REPORTS)
    .sort((one, other) => one.localeCompare(other, 'en'))
    .map(name => JSON.parse(readFileSync(`${REPORTS}/${name}`, 'utf8')));
}

/**
 * @param {readonly Report[]} reports
 * @param {string | undefined} goProgram
 */
function pageOf(reports, goProgram) {
  const missing = goProgram
    ? []
    : [
        'go-c8y-cli itself was not run: the Go module proxy does not serve it to the machine that wrote this ' +
          'page. Its library go-c8y, which makes its calls and forwards its connections, was. Where `GO_C8Y_CLI` ' +
          'names the program, `npm run test:interop` runs it.',
      ];
  return [
    '<!-- Written by `npm run test:interop` from its report. -->',
    '# Compatibility',
    'Programs that others wrote, unmodified, and what they did with this service on the day given for each. CI runs ' +
      'the same tests, `npm run test:interop` with more data. Servers are those of Debian. Figures are those of one ' +
      'run on one busy machine.',
    ...reports.map(sectionOf),
    '## Not tried',
    ...missing,
    ...NOT_TRIED,
  ]
    .join('\n\n')
    .concat('\n');
}

/** What is known about programs that no test runs. */
const NOT_TRIED = [
  'thin-edge.io (1.4.2, 2.0.0), cumulocity-agents-linux with its VNC proxy, and the Java driver are in none of the ' +
    'registries that the tests use; raw gateways do what these are known to do.',
  'cloud-http-proxy is in none of these registries either. What it expects of the platform, a session cookie with its ' +
    'XSRF token and a stand-in `Authorization` header, is in [emulator-differences.md](emulator-differences.md).',
  "The vendor's UI modules (of Web SDK 1023.77.1) are not run in a browser by any test. The fields of its forms for " +
    'SSH and VNC are read from the modules, and bodies with these fields are sent; `--hide-vendor-tab` is compared ' +
    'with the list of these modules.',
];

/** @param {Report} report */
function sectionOf({ program, version, date, role, findings }) {
  const rows = findings.map(
    ({ behaviour, works, note }) =>
      `| ${cell(behaviour)} | ${works ? 'yes' : '**no**'} | ${cell(note)} |`,
  );
  return [
    `## ${program}`,
    `Version: ${version}. Date: ${date}. ${role.charAt(0).toUpperCase()}${role.slice(1)}.`,
    ['<!-- prettier-ignore -->', '| it | works | figures |', '| --- | --- | --- |', ...rows].join(
      '\n',
    ),
  ].join('\n\n');
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

main().catch(reportAndFail);
