import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { demoEndpoints } from './demo-endpoints.mjs';
import { LOOPBACK, freePort } from './loopback-ports.mjs';
import { Part, answers } from './part.mjs';
import { putEndpoint } from './put-endpoint.mjs';
import { inRepository } from './repository.mjs';
import { Trouble } from './trouble.mjs';

/** The fixed face of the local stack: who is there from the start. Not for use beyond loopback. */
const TENANT = 't1001';
const PASSWORD = 'remote-access';
const GATEWAY = { serial: 'gw-1', id: '1001' };

/** What the platform serves at `/apps/{contextPath}/`. */
const APPS = {
  devicemanagement: 'apps/shell/dist/shell',
  administration: 'apps/shell/dist/shell',
  'public/login': 'apps/shell/dist/login',
  'remote-access-plugin': 'apps/plugin/dist',
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

/**
 * Everything that `npm start` runs: the emulator, the microservice behind its gateway, an agent on
 * gw-1, and an SSH, a VNC and a Telnet server that only the agent is told of.
 */
export class Stack {
  /** In the order of their start; they are stopped in the opposite order. */
  /** @type {Part[]} */
  #parts = [];
  /** @type {(part: Part) => void} */
  #onDeath;
  #stopping = false;

  /**
   * @param {object} options
   * @param {number} options.port
   * @param {number | undefined} options.httpsPort
   * @param {string | undefined} options.dataFolder where the platform keeps its state; in memory without
   * @param {(part: Part) => void} options.onDeath a part has ended by itself
   */
  constructor({ port, httpsPort, dataFolder, onDeath }) {
    this.port = port;
    this.url = `http://${LOOPBACK}:${port}`;
    this.httpsPort = httpsPort;
    this.dataFolder = dataFolder;
    this.folder = inRepository('.stack', String(port));
    this.#onDeath = onDeath;
  }

  async start() {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(`${this.folder}/logs`, { recursive: true, mode: 0o700 });
    const servicePort = await freePort();
    const serviceUrl = `http://${LOOPBACK}:${servicePort}`;
    // Processes that need nothing of each other start together: seconds count on every start.
    const [target, panel, controller] = await Promise.all([
      this.#startTarget(),
      this.#startPanel(),
      this.#startController(),
      this.#startEmulator(serviceUrl),
    ]);
    await this.#startMicroservice(servicePort, serviceUrl);
    await this.#startAgent();
    for (const body of demoEndpoints({ target, panel, controller })) {
      await putEndpoint({
        serviceUrl: `${this.url}/service/remoteaccess`,
        authorization: basic('admin'),
        deviceId: GATEWAY.id,
        body,
      });
    }
    this.#describe({ target, panel, controller });
    return { target, panel, controller };
  }

  async stop() {
    this.#stopping = true;
    for (const part of this.#parts.reverse()) await part.stop();
  }

  async #startTarget() {
    const part = this.#part('demo target', 'tools/demo-target/dist/main.js', {
      TMPDIR: this.folder,
      PORT: String(await freePort()),
    });
    return /** @type {Target} */ (await part.ready(part.message));
  }

  async #startPanel() {
    const part = this.#part('operating panel', 'tools/demo-target/dist/panel-main.js', {
      TMPDIR: this.folder,
      PORT: String(await freePort()),
    });
    return /** @type {Panel} */ (await part.ready(part.message));
  }

  async #startController() {
    const part = this.#part('old controller', 'tools/demo-target/dist/controller-main.js', {
      TMPDIR: this.folder,
    });
    return /** @type {Controller} */ (await part.ready(part.message));
  }

  /** @param {string} serviceUrl */
  async #startEmulator(serviceUrl) {
    const apps = Object.entries(APPS).flatMap(([context, folder]) => [
      '--apps',
      `${context}=${inRepository(folder)}`,
    ]);
    const https =
      this.httpsPort === undefined
        ? []
        : ['--https-port', String(this.httpsPort), '--https-folder', `${this.folder}/tls`];
    const data = this.dataFolder === undefined ? [] : ['--data', this.dataFolder];
    const part = this.#part('emulator', 'apps/emulator/dist/main.js', {}, [
      ...['--port', String(this.port), '--microservice-url', serviceUrl],
      ...[...apps, ...https, ...data],
    ]);
    await part.ready(answers(`${this.url}/tenant/loginOptions`));
  }

  /**
   * @param {number} port
   * @param {string} url
   */
  async #startMicroservice(port, url) {
    const part = this.#part('microservice', 'apps/microservice/dist/main.js', {
      SERVER_PORT: String(port),
      SERVER_HOST: LOOPBACK,
      TRUSTED_PROXIES: LOOPBACK,
      C8Y_BASEURL: this.url,
      C8Y_MICROSERVICE_ISOLATION: 'MULTI_TENANT',
      C8Y_BOOTSTRAP_TENANT: 'management',
      C8Y_BOOTSTRAP_USER: 'servicebootstrap_cloud-remote-access',
      C8Y_BOOTSTRAP_PASSWORD: PASSWORD,
    });
    await part.ready(answers(`${url}/health`));
  }

  async #startAgent() {
    const part = this.#part('agent', 'apps/agent/dist/main.js', {
      C8Y_BASEURL: this.url,
      DEVICE_USER: `${TENANT}/device_${GATEWAY.serial}`,
      DEVICE_PASSWORD: PASSWORD,
      DEVICE_EXTERNAL_ID: GATEWAY.serial,
    });
    await part.ready(part.saysReady);
  }

  /**
   * @param {string} name
   * @param {string} program
   * @param {Record<string, string>} env
   * @param {readonly string[]} [args]
   */
  #part(name, program, env, args = []) {
    if (this.#stopping) throw new Trouble('Stopped while it was starting.');
    const part = new Part(name, inRepository(program), {
      log: `${this.folder}/logs/${name.replace(' ', '-')}.log`,
      env,
      args,
      onDeath: this.#onDeath,
    });
    this.#parts.push(part);
    return part;
  }

  /**
   * For the benchmarks and the browser tests, which also reach the targets past the gateway.
   *
   * @param {{ target: Target, panel: Panel, controller: Controller }} targets
   */
  #describe(targets) {
    const parts = this.#parts.map(({ name, program, env, log, child }) => {
      return { name, program, env, log, pid: child.pid };
    });
    const text = JSON.stringify({ url: this.url, ...targets, parts }, null, 2);
    writeFileSync(`${this.folder}/stack.json`, text, { mode: 0o600 });
  }
}

/** @param {string} user */
function basic(user) {
  return `Basic ${Buffer.from(`${TENANT}/${user}:${PASSWORD}`).toString('base64')}`;
}
