import { type Protocol, type RunningSession, printable } from '@remote-access/contracts';
import type { Command } from 'commander';
import { EndpointDirectory } from '../directory/endpoint-directory';
import { GatewayDirectory } from '../directory/gateway-directory';
import { commandsFor } from '../directory/purposes';
import { bytesText } from '../output/output';
import { SERVICE } from '../platform/platform-client';
import { Context, type Surroundings } from './context';

/** Commands that only list things. */
export function addListCommands(program: Command, surroundings: Surroundings): void {
  program
    .command('ls')
    .summary('list gateways, or the endpoints of one')
    .description(
      'Lists the gateways with endpoints, or the endpoints of one gateway. A gateway is named by ' +
        'its id, its serial number (c8y_Serial) or its name.',
    )
    .argument('[gateway]', 'list its endpoints')
    .option('-a, --all', 'also gateways without endpoints')
    .action(async (text: string | undefined, options: { all?: boolean }, command: Command) => {
      const context = Context.of(command, surroundings);
      if (text === undefined) await listGateways(context, options.all ?? false);
      else await listEndpoints(context, text);
    });

  program
    .command('sessions')
    .summary('list the running sessions of a gateway')
    .description(
      'Lists the running sessions of a gateway: your own, and those of others if you may configure ' +
        'endpoints. With --end, ends one.',
    )
    .argument('<gateway>', 'id, serial number or name')
    .option('--end <session>', 'end the session with this id')
    .action(async (text: string, options: { end?: string }, command: Command) => {
      const context = Context.of(command, surroundings);
      const { client, gateway } = await context.gateway(text);
      const path = `${SERVICE}/devices/${encodeURIComponent(gateway.id)}/sessions`;
      if (options.end !== undefined) {
        const what = 'The session cannot be ended';
        await client.json('DELETE', `${path}/${encodeURIComponent(options.end)}`, what);
        return context.output.note('The session is being ended.');
      }
      const what = 'The sessions cannot be read';
      context.output.rows(
        await client.json<RunningSession[]>('GET', path, what),
        {
          ID: one => one.id,
          ENDPOINT: one => one.endpointName,
          PROTOCOL: one => one.protocol,
          USER: one => one.user,
          STARTED: one => one.startedAt,
          STATE: one => one.state,
          RECEIVED: one => bytesText(one.bytesToClient),
          SENT: one => bytesText(one.bytesFromClient),
        },
        `No sessions on "${printable(gateway.name)}".`,
      );
    });
}

async function listGateways(context: Context, all: boolean): Promise<void> {
  context.output.rows(
    await new GatewayDirectory(await context.client()).list(all),
    {
      ID: one => one.id,
      NAME: one => one.name,
      ENDPOINTS: one => one.endpointCount,
    },
    all ? 'There are no gateways.' : 'No gateway has endpoints; see ls --all.',
  );
}

async function listEndpoints(context: Context, text: string): Promise<void> {
  const { client, gateway } = await context.gateway(text);
  context.output.rows(
    await new EndpointDirectory(client).list(gateway),
    {
      ID: one => one.id,
      NAME: one => one.name,
      PROTOCOL: one => one.protocol,
      HOST: one => one.hostname,
      PORT: one => one.port,
      COMMANDS: one => commandsText(one.protocol),
    },
    `"${printable(gateway.name)}" has no endpoints.`,
  );
}

function commandsText(protocol: Protocol): string {
  const commands = commandsFor(protocol).join(', ');
  if (protocol !== 'SSH') return commands;
  return `${commands} (through a PASSTHROUGH endpoint of the same server)`;
}
