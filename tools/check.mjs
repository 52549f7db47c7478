import './node-version.mjs';
import { runChecks } from './checks.mjs';
import { install } from './installation.mjs';
import { lastLine } from './tally.mjs';
import { failWith } from './trouble.mjs';

async function main() {
  await install();
  const count = await runChecks();
  console.log(lastLine(count));
  if (count.failed > 0) process.exitCode = 1;
}

main().catch(failWith);
