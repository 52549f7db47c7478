import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { CliError } from '../cli-error.mjs';
import { demoEndpoints, putEndpoint } from './demo-endpoints.mjs';
import { LOOPBACK, freePort } from './loopback-ports.mjs';
import { REPOSITORY, inRepository } from '../repository.mjs';
import { natsServer } from './nats-server.mjs';
import { StackProcess, answers, listens } from './stack-process.mjs';

const TENANT = 't1001';
/** How long replicas may take to find each other. */
const SETTLE_TIMEOUT_MS = 30_000;
const RETRY_MS = 200;

const GATEWAY = { serial: 'gw-1', id: '1001' };

/** Whether the microservice is treated as hosted by the platform. */
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
 * What the emulator reports once it is ready.
 *
 * @typedef {object} Platform
 * @property {string} password of every user and device
 * @property {string} signIn a link that signs in as `engineer`, once
 * @property {string} [https] the platform over TLS
 * @property {string} mqtt its MQTT broker
 * @property {string} mqtts the broker over TLS
 * @property {string} ca path of the CA's certificate
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
  /** @type {{ name: string, port: number, metricsPort: number }[]} */
  #replicas = [];
  /** The settings with which replicas reach the broker. */
  /** @type {Record<string, string>} */
  #broker = {};
  /** @type {Targets | undefined} */
  #targets;
  /** @type {Platform | undefined} */
  #platform;
  /** Set by PASSWORD, or chosen by the emulator and kept when it restarts. */
  #password = process.env['PASSWORD'] ?? '';

  /**
   * @param {object} options
   * @param {Ports} options.ports
   * @param {string | undefined} options.dataFolder where the platform keeps its state; in memory by
   *   default
   * @param {string} [options.pluginFolder] the folder of the built plugin
   * @param {number} options.replicas how many microservices
   * @param {(process: StackProcess) => void} options.onUnexpectedExit
   */
  constructor({ ports, dataFolder, pluginFolder, replicas, onUnexpectedExit }) {
    this.replicaCount = replicas;
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
    for (let number = 1; number <= this.replicaCount; number += 1) {
      const name = number === 1 ? 'microservice' : `microservice-${number}`;
      this.#replicas.push({ name, port: await freePort(), metricsPort: await freePort() });
    }
    // Independent processes start concurrently, to save time on every start.
    const [target, panel, controller, platform] = await Promise.all([
      this.#startTarget(),
      this.#startPanel(),
      this.#startController(),
      this.#startEmulator(),
      this.#startBroker(),
    ]);
    await Promise.all(this.#replicas.map(replica => this.#startMicroservice(replica)));
    await this.#startAgent();
    for (const body of demoEndpoints({ target, panel, controller })) {
      const put = () =>
        putEndpoint({
          serviceUrl: `${this.url}/service/remoteaccess`,
          authorization: basic('admin', this.#password),
          deviceId: GATEWAY.id,
          body,
        });
      // Replicas do not change endpoints before they know each other, which takes two seconds.
      await (this.replicaCount === 1 ? put() : retried(put));
    }
    this.#targets = { target, panel, controller };
    this.#writeDescription();
    return { targets: this.#targets, platform };
  }

  /** @param {'emulator' | 'microservice' | 'agent'} name */
  async restart(name) {
    if (name !== 'microservice') await this.#processes.get(name)?.stop();
    switch (name) {
      case 'emulator':
        await this.#startEmulator();
        break;
      case 'microservice':
        for (const replica of this.#replicas) {
          await this.#processes.get(replica.name)?.stop();
          await this.#startMicroservice(replica);
        }
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

  /**
   * Several replicas need a NATS server: that of NATS_URL, or one started for them.
   *
   * @throws {CliError} if there is none
   */
  async #startBroker() {
    const { NATS_URL } = process.env;
    if (this.replicaCount > 1 && NATS_URL) this.#broker = { NATS_URL };
    if (this.replicaCount === 1 || NATS_URL) return;
    const port = await freePort();
    const token = randomBytes(16).toString('hex');
    const config = `${this.folder}/nats.conf`;
    const text = `listen: "${LOOPBACK}:${port}"\nauthorization { token: "${token}" }\n`;
    writeFileSync(config, text, { mode: 0o600 });
    const started = this.#run('nats', natsServer(), {}, ['-c', config]);
    await started.ready(listens(port));
    this.#broker = { NATS_URL: `nats://${LOOPBACK}:${port}`, NATS_TOKEN: token };
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
      ...['--port', String(port)],
      ...this.#replicas.flatMap(replica => ['--microservice-url', urlOf(replica)]),
      ...[...apps, ...https, ...mqtt, ...tls, ...data],
      ...(AS_HOSTED ? ['--as-hosted'] : []),
    ]);
    const platform = /** @type {Platform} */ (await started.ready(started.message));
    this.#password = platform.password;
    this.#platform = platform;
    // The description tells how to restart it with the same password.
    started.env = { PASSWORD: platform.password };
    return platform;
  }

  /** @param {{ name: string, port: number, metricsPort: number }} replica */
  async #startMicroservice(replica) {
    const started = this.#run(replica.name, 'apps/microservice/dist/main.js', {
      SERVER_PORT: String(replica.port),
      SERVER_HOST: LOOPBACK,
      METRICS_PORT: String(replica.metricsPort),
      ...this.#brokerSettings(),
      // A hosted service recognizes its ingress without this setting.
      ...(AS_HOSTED ? {} : { TRUSTED_PROXIES: LOOPBACK }),
      C8Y_BASEURL: this.url,
      C8Y_MICROSERVICE_ISOLATION: 'MULTI_TENANT',
      C8Y_BOOTSTRAP_TENANT: 'management',
      C8Y_BOOTSTRAP_USER: 'servicebootstrap_cloud-remote-access',
      C8Y_BOOTSTRAP_PASSWORD: this.#password,
    });
    await started.ready(answers(`${urlOf(replica)}/health`));
  }

  /** A single replica needs no broker, even if the environment names one. */
  #brokerSettings() {
    return this.replicaCount === 1 ? { NATS_URL: '' } : this.#broker;
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
    const started = new StackProcess(name, resolve(REPOSITORY, program), {
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
    const parts = [...this.#processes.values()].map(({ name, program, args, env, log, child }) => {
      return { name, program, args, env, log, pid: child.pid };
    });
    const { mqtt, mqtts, ca } = /** @type {Platform} */ (this.#platform);
    const description = {
      url: this.url,
      password: this.#password,
      mqtt,
      mqtts,
      ca,
      ...this.#targets,
      parts,
    };
    const text = JSON.stringify(description, null, 2);
    // Renamed into place, so that no reader sees an incomplete file.
    const file = `${this.folder}/stack.json`;
    writeFileSync(`${file}.part`, text, { mode: 0o600 });
    renameSync(`${file}.part`, file);
  }
}

/** @param {() => Promise<unknown>} action */
async function retried(action) {
  const deadline = performance.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** @param {{ port: number }} replica */
function urlOf({ port }) {
  return `http://${LOOPBACK}:${port}`;
}

/**
 * @param {string} user
 * @param {string} password
 */
function basic(user, password) {
  return `Basic ${Buffer.from(`${TENANT}/${user}:${password}`).toString('base64')}`;
}
