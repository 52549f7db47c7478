import './node-version.mjs';
import { prepare } from './build.mjs';
import { inRepository } from './repository.mjs';
import { reportAndFail } from './cli-error.mjs';

/** What is served unless `--apps` says otherwise: the shells without the plugin, and the sign-in page. */
const APPS = {
  devicemanagement: 'apps/shell/dist/shell',
  administration: 'apps/shell/dist/shell',
  'public/login': 'apps/shell/dist/login',
};

/** Runs only the emulator, in this process, for work on other clients and agents. */
async function main() {
  await prepare(process.argv.includes('--help') ? ['node'] : undefined);
  if (!process.argv.some(arg => arg.startsWith('--apps'))) {
    for (const [path, folder] of Object.entries(APPS)) {
      process.argv.push('--apps', `${path}=${inRepository(folder)}`);
    }
  }
  await import(inRepository('apps/emulator/dist/main.js'));
}

main().catch(reportAndFail);
