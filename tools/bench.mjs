import './node-version.mjs';
import { spawn } from 'node:child_process';
import { prepare } from './build.mjs';
import { runLogged } from './logged-command.mjs';
import { inRepository } from './repository.mjs';
import { reportAndFail } from './cli-error.mjs';

async function main() {
  await prepare();
  const tsc = inRepository('node_modules/typescript/bin/tsc');
  await runLogged('Building the benchmarks', process.execPath, [tsc, '-b', 'bench'], {
    log: inRepository('.cache', 'logs', 'build-bench.log'),
  });
  const program = inRepository('.cache', 'bench', 'main.js');
  const child = spawn(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  child.once('exit', code => (process.exitCode = code ?? 1));
}

main().catch(reportAndFail);
