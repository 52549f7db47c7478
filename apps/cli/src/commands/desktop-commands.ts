import { connect as connectTls } from 'node:tls';
import { printable } from '@remote-access/contracts';
import type { Command } from 'commander';
import { CliFailure, ProgramEnded } from '../failures/failure';
import { runProgram, startProgram, findProgram } from '../programs/local-programs';
import type { Connector } from '../tunnel/connector';
import { Forwarder } from '../tunnel/forwarder';
import type { ConnectOptions, Context, Surroundings } from './context';
import { endpointAction, endpointCommand, failuresTo, withMultiplexing } from './endpoint-command';

interface WebOptions extends ConnectOptions {
  readonly http?: boolean;
  readonly https?: boolean;
  readonly path: string;
  readonly multiplex?: boolean;
  readonly open: boolean;
}

interface VncOptions extends ConnectOptions {
  readonly viewer?: string;
}

const HOST = '127.0.0.1';

/** How long a server may take to answer a TLS handshake before it is assumed not to use TLS. */
const TLS_TIMEOUT_MS = 5_000;

/** Commands that open an endpoint in a graphical program. */
export function addDesktopCommands(program: Command, surroundings: Surroundings): void {
  withMultiplexing(endpointCommand(program, 'web'))
    .summary("open a device's own page in the browser")
    .description(
      "Forwards the endpoint (PASSTHROUGH) and opens the device's page in the browser, until Ctrl+C. " +
        'It detects whether the page is http or https. The certificate of a device is not valid for ' +
        '127.0.0.1, so the browser shows a warning for https.',
    )
    .option('--http', 'the page is http')
    .option('--https', 'the page is https')
    .option('--path <path>', 'path of the page', '/')
    .option('--no-open', 'print the address, but open no browser')
    .action(
      endpointAction<WebOptions>(surroundings, async request => {
        const { context, gateway, endpoint, options } = request;
        if (!options.path.startsWith('/')) throw new CliFailure('usage', 'A path begins with "/".');
        const { connector } = await context.connector(gateway, endpoint, 'web', options);
        connector.share(options.multiplex);
        await openPage(context, connector, options);
      }),
    );

  endpointCommand(program, 'vnc')
    .summary('open a local VNC viewer')
    .description(
      'Forwards the endpoint (VNC or PASSTHROUGH) and runs a VNC viewer on this machine. If the VNC ' +
        'endpoint has a password, the service signs in and the viewer does not ask for one.',
    )
    .option('--viewer <program>', 'viewer that takes HOST::PORT; the first known one by default')
    .action(
      endpointAction<VncOptions>(surroundings, async request => {
        const { context, gateway, endpoint, options } = request;
        const { connector } = await context.connector(gateway, endpoint, 'vnc', options);
        const forwarder = await Forwarder.start(connector, { port: 0 }, failuresTo(context));
        try {
          const { env } = surroundings;
          const { program: viewer, args } = viewerCall(HOST, forwarder.port, options.viewer, env);
          const code = await runProgram(viewer, args, env);
          if (code !== 0) throw new ProgramEnded(code);
        } finally {
          await forwarder.stop();
        }
      }),
    );
}

async function openPage(
  context: Context,
  connector: Connector,
  options: WebOptions,
): Promise<void> {
  const { output, env, surroundings } = context;
  const isTls = options.https ?? (options.http ? false : await speaksTls(connector));
  const forwarder = await Forwarder.start(connector, { port: 0 }, failuresTo(context));
  try {
    const url = new URL(`${isTls ? 'https' : 'http'}://${HOST}:${forwarder.port}`);
    const [, path = '', query = ''] = /^([^?]*)(\?.*)?$/.exec(options.path) ?? [];
    url.pathname = path;
    url.search = query;
    if (!output.isJson) output.text(url.href);
    output.event(`The page of "${printable(connector.endpoint.name)}", until Ctrl+C.`, {
      event: 'listening',
      url: url.href,
    });
    if (options.open) {
      const { program, args } = browserCall(url.href, env);
      await startProgram(program, args, env);
    }
    await surroundings.interrupted();
  } finally {
    await forwarder.stop();
  }
}

/**
 * Tries a TLS handshake on a separate connection. Checking the certificate is left to the browser.
 */
async function speaksTls(connector: Connector): Promise<boolean> {
  const { stream } = await connector.open();
  const socket = connectTls({ socket: stream, rejectUnauthorized: false });
  try {
    return await new Promise<boolean>(resolve => {
      const timer = setTimeout(() => resolve(false), TLS_TIMEOUT_MS);
      const answer = (isTls: boolean) => (): void => {
        clearTimeout(timer);
        resolve(isTls);
      };
      socket.once('secureConnect', answer(true));
      socket.on('error', answer(false));
      socket.once('close', answer(false));
    });
  } finally {
    socket.destroy();
    stream.destroy();
  }
}

export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
}

/** The command that opens an address in the user's browser. */
export function browserCall(url: string, env: NodeJS.ProcessEnv): ProgramCall {
  const hint = `Open ${url} yourself, or name a browser in BROWSER.`;
  const { BROWSER: chosen } = env;
  if (chosen) return { program: findProgram([chosen], env, hint), args: [url] };
  switch (process.platform) {
    case 'darwin':
      return { program: '/usr/bin/open', args: [url] };
    case 'win32':
      return { program: 'rundll32', args: ['url.dll,FileProtocolHandler', url] };
    default:
      return { program: findProgram(['xdg-open', 'sensible-browser'], env, hint), args: [url] };
  }
}

/** Viewers that accept `host::port`, as TigerVNC, RealVNC and TightVNC do. */
const VIEWERS = ['xtigervncviewer', 'vncviewer', 'tvnviewer', 'gvncviewer'];

/** @param chosen the value of --viewer */
export function viewerCall(
  host: string,
  port: number,
  chosen: string | undefined,
  env: NodeJS.ProcessEnv,
): ProgramCall {
  if (process.platform === 'darwin' && chosen === undefined) {
    return { program: '/usr/bin/open', args: ['-W', `vnc://${host}:${port}`] };
  }
  const hint = 'Install a VNC viewer, such as TigerVNC, or name one with --viewer.';
  const program = findProgram(chosen === undefined ? VIEWERS : [chosen], env, hint);
  return { program, args: [`${host}::${port}`] };
}
