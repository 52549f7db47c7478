import { type Endpoint, printable } from '@remote-access/contracts';
import type { Command } from 'commander';
import { CliFailure, ProgramEnded } from '../failures/failure';
import { runProgram, findProgram } from '../programs/local-programs';
import { hostKeyAlias, SshConnection } from '../programs/ssh-options';
import { Forwarder } from '../tunnel/forwarder';
import { type ConnectOptions, OWN_COMMAND, type Surroundings } from './context';
import {
  endpointAction,
  endpointCommand,
  type EndpointRequest,
  failuresTo,
} from './endpoint-command';

interface SshOptions extends ConnectOptions {
  readonly user?: string;
}

const INSTALL_HINT = 'Install the OpenSSH client.';

const USER_TEXT = 'user on the server; by default that of the SSH endpoint, or the default of ssh';

/** Commands that run the local ssh and scp. */
export function addSshCommands(program: Command, surroundings: Surroundings): void {
  endpointCommand(program, 'ssh')
    .summary("run this machine's ssh, connected to an endpoint")
    .description(
      'Runs ssh through a PASSTHROUGH endpoint. If an SSH endpoint is named, the PASSTHROUGH endpoint ' +
        'of the same server is used, with the user and the host key of the SSH endpoint; if there is ' +
        'none, one can be added. The exit code is that of ssh.',
    )
    .usage('[options] <gateway> [endpoint] [-- options and command for ssh]')
    .option('-l, --user <name>', USER_TEXT)
    .action(
      endpointAction<SshOptions>(surroundings, async request => {
        const { env, foreignArgs } = surroundings;
        const ssh = findProgram(['ssh'], env, INSTALL_HINT);
        await withConnection('ssh', request, (settings, alias) =>
          runProgram(ssh, [...settings, alias, ...foreignArgs], env),
        );
      }),
    );

  endpointCommand(program, 'scp', true)
    .summary("copy files with this machine's scp")
    .description(
      'Runs scp. Paths on the server begin with a colon, such as :/var/log/messages. Endpoints are ' +
        'chosen as for ssh. The exit code is that of scp.',
    )
    .usage('[options] <gateway> <endpoint> <source...> <target> [-- options for scp]')
    .argument('<paths...>', 'sources and target')
    .option('-l, --user <name>', USER_TEXT)
    .action(
      endpointAction<SshOptions>(surroundings, async request => {
        const { others: paths } = request;
        if (paths.length < 2) throw new CliFailure('usage', 'scp needs a source and a target.');
        if (!paths.some(path => path.startsWith(':'))) {
          throw new CliFailure('usage', 'No path is on the server.', {
            hint: 'Paths on the server begin with a colon: scp press shell report.csv :/tmp/',
          });
        }
        const { env, foreignArgs } = surroundings;
        const scp = findProgram(['scp'], env, INSTALL_HINT);
        await withConnection('scp', request, (settings, alias) => {
          const files = paths.map(path => (path.startsWith(':') ? alias + path : localPath(path)));
          return runProgram(scp, [...settings, ...foreignArgs, '--', ...files], env);
        });
      }),
    );
}

/** Runs a program whose ssh reaches the endpoint through a socket that only this user can open. */
async function withConnection(
  command: 'ssh' | 'scp',
  { context, gateway, endpoint, options }: EndpointRequest<SshOptions>,
  runIt: (settings: readonly string[], alias: string) => Promise<number>,
): Promise<void> {
  const { connector, named } = await context.connector(gateway, endpoint, command, options);
  const connection = new SshConnection();
  try {
    const place = { path: connection.path };
    const forwarder = await Forwarder.start(connector, place, failuresTo(context));
    const alias = hostKeyAlias(connector.url, connector.gateway, connector.endpoint);
    const settings = connection.options(alias, [...OWN_COMMAND, 'join'], serverOf(named, options));
    const code = await runIt(settings, alias).finally(() => forwarder.stop());
    if (code !== 0) throw new ProgramEnded(code);
  } finally {
    connection.remove();
  }
}

/** What an SSH endpoint says about its server. */
function serverOf(
  { protocol, credentials }: Endpoint,
  { user }: SshOptions,
): { user?: string | undefined; hostKey?: string | null } {
  const chosen = user ?? (protocol === 'SSH' ? (credentials.username ?? undefined) : undefined);
  // The value becomes an option of ssh.
  if (chosen !== undefined && !/^[^\s"'-][^\s"']*$/.test(chosen)) {
    throw new CliFailure('usage', `"${printable(chosen)}" cannot be used as a user name for ssh.`);
  }
  return { user: chosen, hostKey: protocol === 'SSH' ? credentials.hostKey : null };
}

/** Protects a local path from scp, which treats anything before a colon as a host. */
function localPath(path: string): string {
  return path.includes(':') && !/^[./~]/.test(path) ? `./${path}` : path;
}
