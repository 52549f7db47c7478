import './node-version.mjs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare } from './build.mjs';
import { chosenPort } from './loopback-ports.mjs';
import { watchNpm } from './npm-watch.mjs';
import { shown } from './repository.mjs';
import { Stack } from './stack.mjs';
import { Trouble, failWith } from './trouble.mjs';

async function main() {
  const dataFolder = readDataFolder();
  const wanted = process.env['PORT'] || '8080';
  const port = await chosenPort('PORT', wanted);
  const https = process.env['HTTPS_PORT'];
  const httpsPort = https ? await chosenPort('HTTPS_PORT', https) : undefined;
  await prepare();
  await run({ port, httpsPort, dataFolder });
}

/** `npm start -- --data DIR` keeps the platform's state for the next time. */
function readDataFolder() {
  try {
    const { data } = parseArgs({ options: { data: { type: 'string' } } }).values;
    return data === undefined ? undefined : resolve(data);
  } catch (error) {
    throw new Trouble(`${/** @type {Error} */ (error).message}. The one option is --data DIR.`);
  }
}

/** @param {{ port: number, httpsPort: number | undefined, dataFolder: string | undefined }} wanted */
async function run(wanted) {
  const stack = new Stack({
    ...wanted,
    onDeath: part => void end(1, part.obituary),
  });
  let ending = false;
  const end = async (/** @type {number} */ exitCode, /** @type {string} */ why) => {
    if (ending) return;
    ending = true;
    console.log(`\n${why}\nStopping …`);
    await stack.stop();
    console.log('Stopped; nothing is left running.');
    process.exit(exitCode);
  };
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => void end(0, `${signal} received.`));
  }
  watchNpm(() => void end(0, 'npm, which started this, is gone.'));

  console.log('Starting the emulator, the microservice, the agent and the demo targets …');
  try {
    const targets = await stack.start();
    tell(stack, targets);
  } catch (error) {
    if (!ending) await end(1, error instanceof Trouble ? error.message : String(error));
  }
}

/**
 * @param {Stack} stack
 * @param {{ target: import('./stack.mjs').Target, panel: import('./stack.mjs').Panel, controller: import('./stack.mjs').Controller }} targets
 */
function tell(stack, { target, panel, controller }) {
  console.log(`
Sign in as one of these; the password of each is: remote-access
  engineer   configures endpoints and connects
  operator   connects
  viewer     sees devices, but no endpoints
  admin      everything
Then: All devices → Factory gateway → Remote access → Gateway shell → Connect
"Gateway shell" is ${target.kind}, on 127.0.0.1:${target.port}.
"Operating panel" is ${panel.kind}, on 127.0.0.1:${panel.port}.
"Old controller" is ${controller.kind}, on 127.0.0.1:${controller.port}.
Logs: ${shown(stack.folder)}/logs   End: Ctrl+C
`);
  if (stack.httpsPort !== undefined) {
    console.log(`TLS: https://127.0.0.1:${stack.httpsPort}/, CA: ${stack.folder}/tls/ca.pem`);
  }
  console.log(`ready ${stack.url}/`);
}

main().catch(failWith);
