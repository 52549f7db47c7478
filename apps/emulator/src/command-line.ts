import { parseArgs } from 'node:util';
import { readSettingsFrom, SettingsError, type SettingsReader } from '@remote-access/settings';
import type { EmulatorOptions } from './emulator';

const DEFAULT_PORT = 8080;

export const USAGE = `Usage: emulator [--port N] [--https-port N] [--mqtt-port N] [--mqtts-port N]
                [--https-folder DIR] [--data DIR]
                [--apps CONTEXT=FOLDER]... [--microservice-url URL]... [--as-hosted]
                [--upgrade-needs-credentials] [--bare] [--run-uploads]
PORT, HTTPS_PORT, MQTT_PORT and MQTTS_PORT in the environment do the same as the options. PASSWORD is the password of every
user, ALLOWED_ORIGINS are other origins under which the platform is reached, separated by commas.
docs/emulator-differences.md explains each option.`;

/**
 * Reads the emulator's options; arguments take precedence over the environment.
 *
 * @throws SettingsError listing every problem
 */
export function readCommandLine(args: string[], env: NodeJS.ProcessEnv): EmulatorOptions {
  const {
    data: dataFolder,
    apps,
    'microservice-url': replicas = [],
    'as-hosted': asHosted,
    'upgrade-needs-credentials': upgradeNeedsCredentials,
    'run-uploads': runUploads,
    bare,
    ...values
  } = parse(args);
  const texts = {
    '--port': values.port ?? env['PORT'],
    '--https-port': values['https-port'] ?? env['HTTPS_PORT'],
    '--mqtt-port': values['mqtt-port'] ?? env['MQTT_PORT'],
    '--mqtts-port': values['mqtts-port'] ?? env['MQTTS_PORT'],
    PASSWORD: env['PASSWORD'],
    ALLOWED_ORIGINS: env['ALLOWED_ORIGINS'],
  };
  const folder = values['https-folder'] ?? dataFolder ?? process.cwd();
  return readSettingsFrom<EmulatorOptions>(texts, reader => ({
    port: reader.port('--port', DEFAULT_PORT),
    ...(reader.optional('--https-port') !== undefined && {
      https: { port: reader.port('--https-port', 0), folder },
    }),
    ...(reader.optional('--mqtt-port') !== undefined && {
      mqtt: { port: reader.port('--mqtt-port', 0) },
    }),
    ...(reader.optional('--mqtts-port') !== undefined && {
      mqtts: { port: reader.port('--mqtts-port', 0), folder },
    }),
    ...(reader.optional('PASSWORD') !== undefined && { password: reader.text('PASSWORD') }),
    allowedOrigins: reader.origins('ALLOWED_ORIGINS'),
    ...(dataFolder !== undefined && { dataFolder }),
    ...(asHosted !== undefined && { asHosted }),
    ...(upgradeNeedsCredentials !== undefined && { upgradeNeedsCredentials }),
    ...(runUploads !== undefined && { runUploads }),
    ...(bare !== undefined && { bare }),
    appsFolders: Object.fromEntries((apps ?? []).map(pair => appFolder(reader, pair))),
    ...(replicas.length > 0 && {
      microservice: {
        name: 'cloud-remote-access',
        contextPath: 'remoteaccess',
        urls: replicas.map(url => microserviceUrl(reader, url)),
      },
    }),
  }));
}

/**
 * Says which option to change if the emulator could not listen on a port.
 *
 * @returns `undefined` for any other error
 */
export function portRefusal(options: EmulatorOptions, cause: unknown): string | undefined {
  const { code, port } = cause as { code?: string; port?: number };
  const chosen: readonly [option: string, port: number | undefined][] = [
    ['--port or PORT', options.port],
    ['--https-port or HTTPS_PORT', options.https?.port],
    ['--mqtt-port or MQTT_PORT', options.mqtt?.port],
    ['--mqtts-port or MQTTS_PORT', options.mqtts?.port],
  ];
  // If two parts were given the same port, the later one fails.
  const [option] = chosen.findLast(([, one]) => one === port) ?? [];
  if (option === undefined) return undefined;
  if (code === 'EADDRINUSE') return `Port ${port} is taken; choose another one with ${option}`;
  if (code === 'EACCES') return `Port ${port} is not allowed for this user; see ${option}`;
  return undefined;
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string' },
        'https-port': { type: 'string' },
        'https-folder': { type: 'string' },
        'mqtt-port': { type: 'string' },
        'mqtts-port': { type: 'string' },
        data: { type: 'string' },
        apps: { type: 'string', multiple: true },
        'microservice-url': { type: 'string', multiple: true },
        'as-hosted': { type: 'boolean' },
        'upgrade-needs-credentials': { type: 'boolean' },
        'run-uploads': { type: 'boolean' },
        bare: { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    throw new SettingsError([`${(cause as Error).message}\n${USAGE}`]);
  }
}

function microserviceUrl(reader: SettingsReader, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:') reader.problem(`--microservice-url ${text} is not an http URL`);
  return text.replace(/\/+$/, '');
}

function appFolder(reader: SettingsReader, pair: string): [contextPath: string, folder: string] {
  const equals = pair.indexOf('=');
  if (equals < 1) reader.problem(`--apps must be CONTEXT=FOLDER, not ${pair}`);
  return [pair.slice(0, equals), pair.slice(equals + 1)];
}
