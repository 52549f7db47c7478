import { printable } from '@remote-access/contracts';
import { splice } from '@remote-access/streams';
import type { Command } from 'commander';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { CliFailure } from '../failures/failure';
import { bytesText, type Output } from '../output/output';
import { Forwarder, type ForwarderEvents, type Place, type Traffic } from '../tunnel/forwarder';
import type { ConnectOptions, Surroundings } from './context';
import { endpointAction, endpointCommand, withMultiplexing } from './endpoint-command';

/** How often the line with the throughput is updated. */
const PROGRESS_PERIOD_MS = 500;

interface ForwardOptions extends ConnectOptions {
  readonly listen?: string;
  readonly multiplex?: boolean;
}

/** Commands that give other programs access to an endpoint. */
export function addTunnelCommands(program: Command, surroundings: Surroundings): void {
  withMultiplexing(endpointCommand(program, 'forward'))
    .summary('forward a port of this machine to an endpoint')
    .description(
      'Listens on a port of this machine, on loopback only, and forwards each connection to the ' +
        'endpoint (PASSTHROUGH, VNC or TELNET) until Ctrl+C. The address is printed. On Linux, ' +
        'connections from other users of this machine are refused. With our agent on the gateway, ' +
        'connections to a PASSTHROUGH endpoint share a session.',
    )
    .option('-L, --listen <port|path>', 'port, or path of a socket file; a free port by default')
    .action(
      endpointAction<ForwardOptions>(surroundings, async request => {
        const { context, gateway, endpoint, options } = request;
        const place = readPlace(options.listen);
        const { connector } = await context.connector(gateway, endpoint, 'forward', options);
        connector.share(options.multiplex);
        const { output } = context;
        const forwarder = await Forwarder.start(connector, place, eventsFor(output));
        const { endpoint: chosen } = connector;
        const subject = `"${printable(chosen.name)}" (${printable(chosen.hostname)}:${chosen.port})`;
        if (!output.isJson) output.text(forwarder.address);
        output.event(`Forwarding to ${subject} of "${printable(connector.gateway.name)}".`, {
          event: 'listening',
          ...('path' in place ? place : { host: '127.0.0.1', port: forwarder.port }),
          gateway: connector.gateway.id,
          endpoint: chosen.id,
        });
        const stopProgress = showProgress(output, forwarder);
        await surroundings.interrupted();
        stopProgress();
        await forwarder.stop();
        output.event(`Ended: ${trafficText(forwarder.traffic)}.`, {
          event: 'ended',
          ...forwarder.traffic,
        });
      }),
    );

  endpointCommand(program, 'proxy')
    .summary('connect stdin and stdout to an endpoint')
    .description(
      "Connects stdin and stdout to the endpoint (PASSTHROUGH, VNC or TELNET), for ssh's " +
        'ProxyCommand and similar programs.',
    )
    .action(
      endpointAction<ConnectOptions>(surroundings, async request => {
        const { context, gateway, endpoint, options } = request;
        const { connector } = await context.connector(gateway, endpoint, 'proxy', options);
        const channel = await connector.open();
        await joinStdio(surroundings, channel.stream);
        if (channel.failure) throw channel.failure;
      }),
    );

  // The other end of ssh's ProxyCommand in `remote-access ssh`.
  program
    .command('join', { hidden: true })
    .argument('<path>')
    .action(async (path: string) => {
      const socket = connect(path);
      let failure: Error | undefined;
      socket.on('error', cause => (failure = cause));
      await joinStdio(surroundings, socket);
      if (failure) throw new CliFailure('unreachable', failure.message);
    });
}

/** Joins a stream with stdin and stdout, without waiting for stdin after the stream has ended. */
async function joinStdio({ stdin, streams }: Surroundings, stream: Duplex): Promise<void> {
  const stdio = Duplex.from({ readable: stdin, writable: streams.stdout });
  stdio.on('error', () => undefined);
  await splice(stdio, stream, { names: ['client', 'tunnel'] });
  stdin.destroy();
}

function eventsFor(output: Output): ForwarderEvents {
  return {
    onOpened: connection => {
      if (output.isJson) output.json({ event: 'opened', connection });
    },
    onClosed: (connection, traffic, failure) => {
      if (output.isJson) {
        const { kind, code, message } = failure ?? {};
        output.json({
          event: 'closed',
          connection,
          ...traffic,
          ...(failure && { kind, code, message }),
        });
      } else if (failure) {
        output.problem(`Connection ${connection}: ${failure.message}`);
        if (failure.hint !== undefined) output.note(failure.hint);
      }
    },
    onRefused: failure => output.failure(failure),
  };
}

/** Shows a line with connections, bytes and rates, if stderr is a terminal. */
function showProgress(output: Output, forwarder: Forwarder): () => void {
  let last = { at: performance.now(), ...forwarder.traffic };
  const timer = setInterval(() => {
    const now = { at: performance.now(), ...forwarder.traffic };
    const seconds = (now.at - last.at) / 1000;
    const rate = (bytes: number): string => `${bytesText(Math.round(bytes / seconds))}/s`;
    const received = rate(now.received - last.received);
    const sent = rate(now.sent - last.sent);
    output.progress(
      () => `${forwarder.openCount} open, ${trafficText(now)} (received ${received}, sent ${sent})`,
    );
    last = now;
  }, PROGRESS_PERIOD_MS);
  return () => {
    clearInterval(timer);
    output.clearProgress();
  };
}

function trafficText({ received, sent }: Traffic): string {
  return `${bytesText(received)} received, ${bytesText(sent)} sent`;
}

function readPlace(text = '0'): Place {
  if (/[/\\]/.test(text)) return { path: text };
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return { port };
  throw new CliFailure('usage', `"${printable(text)}" is neither a port nor the path of a file.`, {
    hint: 'It always listens on 127.0.0.1; another address cannot be given.',
  });
}
