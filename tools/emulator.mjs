import './node-version.mjs';
import { build } from './build.mjs';
import { install } from './installation.mjs';
import { inRepository } from './repository.mjs';
import { failWith } from './trouble.mjs';

/** The emulator alone, in this process: for work on clients and agents of others. */
async function main() {
  await install();
  await build();
  await import(inRepository('apps/emulator/dist/main.js'));
}

main().catch(failWith);
