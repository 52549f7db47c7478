import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { reportAndFail } from '../cli-error.mjs';
import { runLogged } from '../logged-command.mjs';
import { inRepository } from '../repository.mjs';

const REQUIREMENTS = [
  inRepository('test', 'interop', 'requirements.txt'),
  inRepository('test', 'repo', 'kubernetes-requirements.txt'),
];

const ENVIRONMENT = inRepository('.cache', 'python');

/** Lists what was installed; written last, so it is missing after an interrupted installation. */
const STAMP = inRepository('.cache', 'python', 'installed.txt');

/**
 * Installs the Python programs that the tests run in a separate environment, unless they are
 * already there.
 *
 * @throws {import('../cli-error.mjs').CliError} with the reason
 */
export async function ensurePythonPackages() {
  const wanted = REQUIREMENTS.map(file => readFileSync(file, 'utf8')).join('');
  const python = inRepository('.cache', 'python', 'bin', 'python');
  // The environment's Python is a symbolic link, which may be broken after a system update.
  if (existsSync(python) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  rmSync(ENVIRONMENT, { recursive: true, force: true });
  const log = inRepository('.cache', 'logs', 'python.log');
  await runLogged('Creating a Python environment', 'python3', ['-m', 'venv', ENVIRONMENT], { log });
  const files = REQUIREMENTS.flatMap(file => ['-r', file]);
  const install = ['-m', 'pip', 'install', '--disable-pip-version-check', ...files];
  await runLogged('Installing Python packages', python, install, { log });
  writeFileSync(STAMP, wanted);
}

if (process.argv[1] === import.meta.filename) ensurePythonPackages().catch(reportAndFail);
