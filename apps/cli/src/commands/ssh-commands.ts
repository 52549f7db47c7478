import { type Endpoint, printable } from '@remote-access/contracts';
import type { Command } from 'commander';
import type { Purpose } from '../directory/endpoint-directory';
import { CliFailure, ProgramEnded } from '../failures/failure';
import { runProgram } from '../programs/child-program';
import { findProgram } from '../programs/program-search';
import { hostKeyAlias, SshConnection } from '../programs/ssh-options';
import { Forwarder } from '../tunnel/forwarder';
import { type ConnectOptions, Context, OWN_COMMAND, type Surroundings } from './context';

interface SshOptions extends ConnectOptions {
  readonly user?: string;
}

const INSTALL_HINT = 'Install the client of OpenSSH.';

const USER_TEXT = 'user on the server; by default that of the SSH endpoint, or what ssh decides';
const ADD_TEXT = 'add a PASSTHROUGH endpoint for the server if there is none, without asking';

/** Commands that run this machine's own ssh and scp. */
export function addSshCommands(program: Command, surroundings: Surroundings): void {
  program
    .command('ssh')
    .summary("run this machine's ssh, connected to an endpoint")
    .description(
      'Runs ssh. The endpoint is of type PASSTHROUGH. If an SSH endpoint is named, the PASSTHROUGH ' +
        'endpoint of the same server is used, with the user and the host key of the SSH endpoint; if ' +
        'there is none, one can be added. The exit code is that of ssh.',
    )
    .usage('[options] <gateway> [endpoint] [-- options and command for ssh]')
    .argument('<gateway>', 'id, serial number or name')
    .argument('[endpoint]', 'name or id; may be omitted if only one is possible')
    .option('-l, --user <name>', USER_TEXT)
    .option('--add', ADD_TEXT)
    .action(
      async (
        gateway: string,
        endpoint: string | undefined,
        _options: unknown,
        command: Command,
      ) => {
        const context = Context.of(command, surroundings);
        const options = command.optsWithGlobals<SshOptions>();
        const ssh = findProgram(['ssh'], surroundings.env, INSTALL_HINT);
        await withConnection(context, 'ssh', gateway, endpoint, options, (settings, alias) =>
          runProgram(ssh, [...settings, alias, ...surroundings.foreignArgs], surroundings.env),
        );
      },
    );

  program
    .command('scp')
    .summary("copy files with this machine's scp")
    .description(
      'Runs scp. Paths on the server begin with a colon, such as :/var/log/messages. Endpoints are ' +
        'found as for ssh. The exit code is that of scp.',
    )
    .usage('[options] <gateway> <endpoint> <source...> <target> [-- options for scp]')
    .argument('<gateway>', 'id, serial number or name')
    .argument('<endpoint>', 'name or id')
    .argument('<paths...>', 'sources and target')
    .option('-l, --user <name>', USER_TEXT)
    .option('--add', ADD_TEXT)
    .action(
      async (
        gateway: string,
        endpoint: string,
        paths: string[],
        _options: unknown,
        command: Command,
      ) => {
        if (paths.length < 2) throw new CliFailure('usage', 'scp needs a source and a target.');
        if (!paths.some(path => path.startsWith(':'))) {
          throw new CliFailure('usage', 'No path is on the server.', {
            hint: 'Paths on the server begin with a colon: scp press shell report.csv :/tmp/',
          });
        }
        const context = Context.of(command, surroundings);
        const options = command.optsWithGlobals<SshOptions>();
        const scp = findProgram(['scp'], surroundings.env, INSTALL_HINT);
        await withConnection(context, 'scp', gateway, endpoint, options, (settings, alias) => {
          const files = paths.map(path => (path.startsWith(':') ? alias + path : localPath(path)));
          const { foreignArgs, env } = surroundings;
          return runProgram(scp, [...settings, ...foreignArgs, '--', ...files], env);
        });
      },
    );
}

/** Runs a program whose ssh reaches the endpoint through a socket that only this user can open. */
async function withConnection(
  context: Context,
  command: 'ssh' | 'scp',
  gatewayText: string,
  endpointText: string | undefined,
  options: SshOptions,
  runIt: (settings: readonly string[], alias: string) => Promise<number>,
): Promise<void> {
  const purpose: Purpose = {
    command: `remote-access ${command}`,
    protocols: ['PASSTHROUGH'],
    preferredPorts: [22],
  };
  const { connector, named } = await context.connector(gatewayText, endpointText, purpose, options);
  const connection = new SshConnection();
  try {
    const forwarder = await Forwarder.start(
      connector,
      { path: connection.path },
      {
        onClosed: (_connection, _traffic, failure) => {
          if (failure) context.output.problem(failure.message);
          if (failure?.hint !== undefined) context.output.note(failure.hint);
        },
      },
    );
    const alias = hostKeyAlias(connector.url, connector.gateway, connector.endpoint);
    const settings = connection.options(alias, [...OWN_COMMAND, 'join'], serverOf(named, options));
    const code = await runIt(settings, alias);
    await forwarder.stop();
    if (code !== 0) throw new ProgramEnded(code);
  } finally {
    connection.remove();
  }
}

/** What an SSH endpoint knows about its server. */
function serverOf(
  { protocol, credentials }: Endpoint,
  { user }: SshOptions,
): { user?: string | undefined; hostKey?: string | null } {
  const chosen = user ?? (protocol === 'SSH' ? (credentials.username ?? undefined) : undefined);
  // It becomes the value of an option of ssh.
  if (chosen !== undefined && !/^[^\s"'-][^\s"']*$/.test(chosen)) {
    throw new CliFailure('usage', `"${printable(chosen)}" cannot be used as a user name for ssh.`);
  }
  return { user: chosen, hostKey: protocol === 'SSH' ? credentials.hostKey : null };
}

/** scp takes what is before a colon for a host. */
function localPath(path: string): string {
  return path.includes(':') && !/^[./~]/.test(path) ? `./${path}` : path;
}
