import '../node-version.mjs';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from '../build.mjs';
import { parseArguments, reportAndFail } from '../cli-error.mjs';
import { run } from '../pack/command.mjs';
import { inRepository, shown } from '../repository.mjs';
import { stageProgram } from './stage.mjs';

const USAGE = `npm run pack:cli [-- --out DIR]

Makes the npm package of the command line program in dist, or in DIR.`;

/** Builds the npm package of the command line program. */
async function main() {
  const { values } = parseArguments(USAGE, {
    options: { out: { type: 'string', default: inRepository('dist') } },
  });
  const { version } = JSON.parse(readFileSync(inRepository('package.json'), 'utf8'));
  await prepare(['node']);
  const staged = mkdtempSync(join(tmpdir(), 'remote-access-pack-'));
  try {
    mkdirSync(values.out, { recursive: true });
    stageProgram(staged, {
      workspace: 'apps/cli',
      name: 'remote-access',
      version,
      description: 'Remote access to machines behind Cumulocity gateways, from a terminal',
      bin: 'bin/remote-access.mjs',
      // Without it no password is kept.
      optional: ['@napi-rs/keyring'],
    });
    const args = ['pack', '--silent', '--pack-destination', values.out];
    await run('Packing the npm package', 'npm', args, { cwd: staged });
    console.log(`Packed into ${shown(values.out)}: remote-access-${version}.tgz`);
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

main().catch(reportAndFail);
