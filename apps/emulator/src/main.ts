import { parseArgs } from 'node:util';
import { Emulator, type EmulatorOptions } from './emulator';
import { DataFileError } from './store/data-file';

const DEFAULT_PORT = 8080;

const USAGE = `Usage: emulator [--port N] [--https-port N --https-folder DIR] [--data DIR]
                [--apps CONTEXT=FOLDER]... [--microservice-url URL]
PORT and HTTPS_PORT in the environment do the same as the options.`;

/** A mistake of whoever starts the emulator. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const emulator = await Emulator.start(optionsFrom(process.argv.slice(2), process.env));
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    emulator.stop().then(
      () => process.exit(0),
      (cause: unknown) => fail(cause),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
  const { url, httpsUrl, caPath } = emulator;
  process.stdout.write(
    `${JSON.stringify({
      ready: `${url}/`,
      ...(httpsUrl !== undefined && { https: `${httpsUrl}/`, ca: caPath }),
    })}\n`,
  );
}

/** Arguments win over the environment. */
function optionsFrom(args: string[], env: NodeJS.ProcessEnv): EmulatorOptions {
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

function fail(cause: unknown): never {
  process.stderr.write(`${sentenceFor(cause)}\n`);
  process.exit(1);
}

function sentenceFor(cause: unknown): string {
  if (cause instanceof UsageError || cause instanceof DataFileError) return cause.message;
  const { code, port } = cause as { code?: string; port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is taken; choose another one with --port or PORT`;
  if (code === 'EACCES' && port) return `Port ${port} is not allowed for this user`;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

main().catch(fail);
