import { parseArgs } from 'node:util';
import type { EmulatorOptions } from './emulator';

const DEFAULT_PORT = 8080;

const USAGE = `Usage: emulator [--port N] [--https-port N --https-folder DIR] [--data DIR]
                [--apps CONTEXT=FOLDER]... [--microservice-url URL]
PORT and HTTPS_PORT in the environment do the same as the options.`;

/** A mistake of whoever starts the emulator. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Reads what the emulator shall do; arguments win over the environment.
 *
 * @throws UsageError whose message is for a person
 */
export function readCommandLine(args: string[], env: NodeJS.ProcessEnv): EmulatorOptions {
  const values = parse(args);
  const dataFolder = values.data;
  const httpsPort = values['https-port'] ?? env['HTTPS_PORT'];
  const microserviceUrl = values['microservice-url'];
  const port = portFrom(values.port ?? env['PORT'], '--port') ?? DEFAULT_PORT;
  if (microserviceUrl !== undefined && !/^https?:/.test(microserviceUrl)) {
    throw new UsageError(`--microservice-url must begin with http://, not ${microserviceUrl}`);
  }
  const tlsPort = portFrom(httpsPort, '--https-port');
  return {
    port,
    ...(tlsPort !== undefined && {
      https: { port: tlsPort, folder: values['https-folder'] ?? dataFolder ?? process.cwd() },
    }),
    ...(dataFolder !== undefined && { dataFolder }),
    appsFolders: Object.fromEntries((values.apps ?? []).map(folderFrom)),
    ...(microserviceUrl !== undefined && {
      microservice: {
        name: 'cloud-remote-access',
        contextPath: 'remoteaccess',
        url: microserviceUrl,
      },
    }),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string' },
        'https-port': { type: 'string' },
        'https-folder': { type: 'string' },
        data: { type: 'string' },
        apps: { type: 'string', multiple: true },
        'microservice-url': { type: 'string' },
      },
    }).values;
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message}\n${USAGE}`);
  }
}

function portFrom(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`${name} must be a number from 0 to 65535, not ${text}`);
  }
  return port;
}

function folderFrom(pair: string): [contextPath: string, folder: string] {
  const equals = pair.indexOf('=');
  if (equals < 1) throw new UsageError(`--apps must be CONTEXT=FOLDER, not ${pair}`);
  return [pair.slice(0, equals), pair.slice(equals + 1)];
}
