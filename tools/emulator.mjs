import './node-version.mjs';
import { prepare } from './build.mjs';
import { inRepository } from './repository.mjs';
import { reportAndFail } from './cli-error.mjs';

/** Runs only the emulator, in this process, for work on other clients and agents. */
async function main() {
  await prepare();
  await import(inRepository('apps/emulator/dist/main.js'));
}

main().catch(reportAndFail);
