import './node-version.mjs';
import { prepare } from './build.mjs';
import { inRepository } from './repository.mjs';
import { reportAndFail } from './cli-error.mjs';

/** The emulator alone, in this process: for work on clients and agents of others. */
async function main() {
  await prepare();
  await import(inRepository('apps/emulator/dist/main.js'));
}

main().catch(reportAndFail);
