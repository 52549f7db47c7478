import './node-version.mjs';
import { resolve } from 'node:path';
import { prepare } from './build.mjs';
import { CliError, parseArguments, reportAndFail } from './cli-error.mjs';
import { chosenPort } from './stack/loopback-ports.mjs';
import { shown } from './repository.mjs';
import { replicaCount } from './stack/nats-server.mjs';
import { Stack } from './stack/stack.mjs';
import { SourceWatch } from './stack/source-watch.mjs';

/** How often to check whether npm is still running. */
const PARENT_CHECK_MS = 500;

const USAGE = `npm start [-- --data DIR]

Installs, builds what is out of date, and runs everything on this machine.

  --data DIR   keeps the platform's state in DIR for the next start`;

/** @typedef {{ data?: string | undefined, watch?: boolean }} Options */

async function main() {
  const options = readOptions();
  const port = await chosenPort('PORT', process.env['PORT'] || '8080');
  const https = process.env['HTTPS_PORT'];
  const httpsPort = https ? await chosenPort('HTTPS_PORT', https) : undefined;
  const mqttPort = await chosenPort('MQTT_PORT', process.env['MQTT_PORT'] || '0');
  const mqttsPort = await chosenPort('MQTTS_PORT', process.env['MQTTS_PORT'] || '0');
  const replicas = replicaCount();
  await prepare();
  await run({ port, httpsPort, mqttPort, mqttsPort }, replicas, options);
}

/** @returns {Options} */
function readOptions() {
  const { help, ...options } = parseArguments(USAGE, {
    options: {
      data: { type: 'string' },
      // For `npm run dev`.
      watch: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  }).values;
  if (help) {
    console.log(USAGE);
    process.exit();
  }
  return options;
}

/**
 * @param {import('./stack/stack.mjs').Ports} ports
 * @param {number} replicas
 * @param {Options} options
 */
async function run(ports, replicas, { data, watch }) {
  const sources = watch ? new SourceWatch(ports.port) : undefined;
  const stack = new Stack({
    ports,
    dataFolder: data === undefined ? sources?.dataFolder : resolve(data),
    pluginFolder: sources?.pluginFolder,
    replicas,
    onUnexpectedExit: ended => {
      if (sources?.isWatching) sources.reportExit(ended);
      // The other replicas continue, which is their purpose.
      else if (replicas > 1 && /^(microservice|nats)/.test(ended.name)) {
        console.error(ended.exitReport);
      } else void end(1, ended.exitReport);
    },
  });
  let ending = false;
  const end = async (/** @type {number} */ exitCode, /** @type {string} */ why) => {
    if (ending) return;
    ending = true;
    console.log(`\n${why}\nStopping …`);
    await sources?.stop();
    await stack.stop();
    console.log('Stopped; nothing is left running.');
    process.exit(exitCode);
  };
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => void end(0, `${signal} received.`));
  }
  onParentExit(() => void end(0, 'npm, which started this, has ended.'));

  console.log('Starting the emulator, the microservice, the agent and the demo targets …');
  try {
    announce(stack, await stack.start());
    sources?.start(stack);
  } catch (error) {
    if (!ending) await end(1, error instanceof CliError ? error.message : String(error));
  }
}

/**
 * Calls back when npm, which started this process, has ended. A killed npm forwards no signal, so
 * the stack would keep running unnoticed. Without npm there is nothing to watch. The script in
 * package.json begins with `exec`, so that the parent is npm and not a shell that keeps npm's
 * signals to itself.
 *
 * @param {() => void} callback
 */
function onParentExit(callback) {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const npm = process.ppid;
  setInterval(() => process.ppid !== npm && callback(), PARENT_CHECK_MS).unref();
}

/**
 * @param {Stack} stack
 * @param {Awaited<ReturnType<Stack['start']>>} started
 */
function announce(stack, { platform, targets: { target, panel, controller } }) {
  console.log(`
Open this link to sign in as engineer (works once, within 15 minutes):
  ${platform.signIn}
Or sign in as one of these; the password of each is: ${platform.password}
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
  if (platform.https !== undefined) console.log(`TLS: ${platform.https}, CA: ${platform.ca}`);
  console.log(`MQTT: ${platform.mqtt}, with TLS: ${platform.mqtts}, CA: ${platform.ca}`);
  console.log(`ready ${stack.url}/`);
}

main().catch(reportAndFail);
