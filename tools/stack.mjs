import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { CliError } from './cli-error.mjs';
import { demoEndpoints, putEndpoint } from './demo-endpoints.mjs';
import { LOOPBACK, freePort } from './loopback-ports.mjs';
import { inRepository } from './repository.mjs';
import { StackProcess, answers } from './stack-process.mjs';

const TENANT = 't1001';
const GATEWAY = { serial: 'gw-1', id: '1001' };

/** Whether the microservice is treated as one that the platform hosts. */
const AS_HOSTED = process.env['AS_HOSTED'] === 'true';

/** Folders that the platform serves at `/apps/{contextPath}/`. */
const APPS = {
  devicemanagement: inRepository('apps/shell/dist/shell'),
  administration: inRepository('apps/shell/dist/shell'),
  'public/login': inRepository('apps/shell/dist/login'),
  'remote-access-plugin': inRepository('apps/plugin/dist'),
};

/**
 * @typedef {object} Target
 * @property {string} kind
 * @property {number} port
 * @property {string} userName
 * @property {string} privateKey
 * @property {string} publicKey
 * @property {string} hostKey
 */

/**
 * @typedef {object} Panel
 * @property {string} kind
 * @property {number} port
 * @property {string} password
 */

/**
 * @typedef {object} Controller
 * @property {string} kind
 * @property {number} port
 */

/** @typedef {{ target: Target, panel: Panel, controller: Controller }} Targets */

/**
 * What the emulator reports when it is ready.
 *
 * @typedef {object} Platform
 * @property {string} password of every user and device
 * @property {string} signIn a link that signs in as `engineer`, one time
 * @property {string} [https] the platform over TLS
 * @property {string} mqtt its MQTT broker
 * @property {string} mqtts the broker over TLS
 * @property {string} ca path of the certificate of the CA
 */

/**
 * @typedef {object} Ports
 * @property {number} port
 * @property {number | undefined} httpsPort
 * @property {number} mqttPort
 * @property {number} mqttsPort
 */

/**
 * Everything that `npm start` runs: the emulator, the microservice behind its ingress, an agent on
 * gw-1, and an SSH, a VNC and a Telnet server that only the agent can reach.
 */
export class Stack {
  /** In the order of their start; they are stopped in reverse order. */
  /** @type {Map<string, StackProcess>} */
  #processes = new Map();
  /** @type {(process: StackProcess) => void} */
  #onUnexpectedExit;
  #stopping = false;
  #servicePort = 0;
  #metricsPort = 0;
  /** @type {Targets | undefined} */
  #targets;
  /** @type {Platform | undefined} */
  #platform;
  /** Set by PASSWORD, or chosen by the emulator and kept when it is restarted. */
  #password = process.env['PASSWORD'] ?? '';

  /**
   * @param {object} options
   * @param {Ports} options.ports
   * @param {string | undefined} options.dataFolder where the platform keeps its state; default: memory
   * @param {string} [options.pluginFolder] where the built plugin is
   * @param {(process: StackProcess) => void} options.onUnexpectedExit
   */
  constructor({ ports, dataFolder, pluginFolder, onUnexpectedExit }) {
    this.ports = ports;
    this.url = `http://${LOOPBACK}:${ports.port}`;
    this.dataFolder = dataFolder;
    this.apps = pluginFolder ? { ...APPS, 'remote-access-plugin': pluginFolder } : APPS;
    this.folder = inRepository('.stack', String(ports.port));
    this.#onUnexpectedExit = onUnexpectedExit;
  }

  /** @returns {Promise<{ targets: Targets, platform: Platform }>} */
  async start() {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(`${this.folder}/logs`, { recursive: true, mode: 0o700 });
    this.#servicePort = await freePort();
    this.#metricsPort = await freePort();
    // Independent processes start together, to save time on every start.
    const [target, panel, controller, platform] = await Promise.all([
      this.#startTarget(),
      this.#startPanel(),
      this.#startController(),
      this.#startEmulator(),
    ]);
    await this.#startMicroservice();
    await this.#startAgent();
    for (const body of demoEndpoints({ target, panel, controller })) {
      await putEndpoint({
        serviceUrl: `${this.url}/service/remoteaccess`,
        authorization: basic('admin', this.#password),
        deviceId: GATEWAY.id,
        body,
      });
    }
    this.#targets = { target, panel, controller };
    this.#writeDescription();
    return { targets: this.#targets, platform };
  }

  /** @param {'emulator' | 'microservice' | 'agent'} name */
  async restart(name) {
    await this.#processes.get(name)?.stop();
    switch (name) {
      case 'emulator':
        await this.#startEmulator();
        break;
      case 'microservice':
        await this.#startMicroservice();
        break;
      case 'agent':
        await this.#startAgent();
        break;
    }
    this.#writeDescription();
  }

  async stop() {
    this.#stopping = true;
    for (const one of [...this.#processes.values()].reverse()) await one.stop();
  }

  async #startTarget() {
    const started = this.#run('demo target', 'tools/demo-target/dist/main.js', {
      TMPDIR: this.folder,
      PORT: String(await freePort()),
    });
    return /** @type {Target} */ (await started.ready(started.message));
  }

  async #startPanel() {
    const started = this.#run('operating panel', 'tools/demo-target/dist/panel-main.js', {
      TMPDIR: this.folder,
      PORT: String(await freePort()),
    });
    return /** @type {Panel} */ (await started.ready(started.message));
  }

  async #startController() {
    const started = this.#run('old controller', 'tools/demo-target/dist/controller-main.js', {
      TMPDIR: this.folder,
    });
    return /** @type {Controller} */ (await started.ready(started.message));
  }

  get #serviceUrl() {
    return `http://${LOOPBACK}:${this.#servicePort}`;
  }

  async #startEmulator() {
    const apps = Object.entries(this.apps).flatMap(([context, folder]) => [
      '--apps',
      `${context}=${folder}`,
    ]);
    const { port, httpsPort, mqttPort, mqttsPort } = this.ports;
    const https = httpsPort === undefined ? [] : ['--https-port', String(httpsPort)];
    const mqtt = ['--mqtt-port', String(mqttPort), '--mqtts-port', String(mqttsPort)];
    const tls = ['--https-folder', `${this.folder}/tls`];
    const data = this.dataFolder === undefined ? [] : ['--data', this.dataFolder];
    const env = { PASSWORD: this.#password };
    const started = this.#run('emulator', 'apps/emulator/dist/main.js', env, [
      ...['--port', String(port), '--microservice-url', this.#serviceUrl],
      ...[...apps, ...https, ...mqtt, ...tls, ...data],
      ...(AS_HOSTED ? ['--as-hosted'] : []),
    ]);
    const platform = /** @type {Platform} */ (await started.ready(started.message));
    this.#password = platform.password;
    this.#platform = platform;
    // The description says how to start it again, with the same password.
    started.env = { PASSWORD: platform.password };
    return platform;
  }

  async #startMicroservice() {
    const started = this.#run('microservice', 'apps/microservice/dist/main.js', {
      SERVER_PORT: String(this.#servicePort),
      SERVER_HOST: LOOPBACK,
      METRICS_PORT: String(this.#metricsPort),
      // A hosted service finds its ingress by itself.
      ...(AS_HOSTED ? {} : { TRUSTED_PROXIES: LOOPBACK }),
      C8Y_BASEURL: this.url,
      C8Y_MICROSERVICE_ISOLATION: 'MULTI_TENANT',
      C8Y_BOOTSTRAP_TENANT: 'management',
      C8Y_BOOTSTRAP_USER: 'servicebootstrap_cloud-remote-access',
      C8Y_BOOTSTRAP_PASSWORD: this.#password,
    });
    await started.ready(answers(`${this.#serviceUrl}/health`));
  }

  async #startAgent() {
    const started = this.#run('agent', 'apps/agent/dist/main.js', {
      C8Y_BASEURL: this.url,
      DEVICE_USER: `${TENANT}/device_${GATEWAY.serial}`,
      DEVICE_PASSWORD: this.#password,
      DEVICE_EXTERNAL_ID: GATEWAY.serial,
    });
    await started.ready(started.loggedReady);
  }

  /**
   * @param {string} name
   * @param {string} program
   * @param {Record<string, string>} env
   * @param {readonly string[]} [args]
   */
  #run(name, program, env, args = []) {
    if (this.#stopping) throw new CliError('Stopped while it was starting.');
    const started = new StackProcess(name, inRepository(program), {
      log: `${this.folder}/logs/${name.replace(' ', '-')}.log`,
      env,
      args,
      onUnexpectedExit: this.#onUnexpectedExit,
    });
    this.#processes.set(name, started);
    return started;
  }

  /** For tests and benchmarks: how to sign in, and where the targets are. */
  #writeDescription() {
    const parts = [...this.#processes.values()].map(({ name, program, env, log, child }) => {
      return { name, program, env, log, pid: child.pid };
    });
    const { mqtt, mqtts, ca } = /** @type {Platform} */ (this.#platform);
    const description = {
      ...{ url: this.url, password: this.#password, mqtt, mqtts, ca },
      ...this.#targets,
      parts,
    };
    const text = JSON.stringify(description, null, 2);
    // Renamed into place, so that no reader sees half of it.
    const file = `${this.folder}/stack.json`;
    writeFileSync(`${file}.part`, text, { mode: 0o600 });
    renameSync(`${file}.part`, file);
  }
}

/**
 * @param {string} user
 * @param {string} password
 */
function basic(user, password) {
  return `Basic ${Buffer.from(`${TENANT}/${user}:${password}`).toString('base64')}`;
}
