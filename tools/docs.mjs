import './node-version.mjs';
import { writeFileSync } from 'node:fs';
import { prepare } from './build.mjs';
import { inRepository } from './repository.mjs';
import { refuseArguments, reportAndFail } from './cli-error.mjs';

/** Writes the pages that are generated from the code. */
async function main() {
  refuseArguments('npm run docs\n\nWrites the pages of docs that are generated from the code.');
  await prepare(['node']);
  const { commandLinePage } = await import('@remote-access/cli');
  writeFileSync(inRepository('docs', 'command-line.md'), commandLinePage());
  const { settingsReference } = await import('@remote-access/agent');
  writeFileSync(inRepository('docs', 'agent-settings.md'), settingsReference());
}

main().catch(reportAndFail);
