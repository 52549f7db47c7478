import type { Endpoint } from '@remote-access/contracts';
import type { Command } from 'commander';
import { EndpointDirectory } from '../directory/endpoint-directory';
import { GatewayDirectory, type Gateway } from '../directory/gateway-directory';
import { hostKeyAlias, proxyCommandLine } from '../programs/ssh-options';
import { Context, OWN_COMMAND, type Surroundings } from './context';

const SSH_PORT = 22;

interface Host {
  readonly gateway: Gateway;
  readonly endpoint: Endpoint;
  /** The user of the SSH endpoint of the same server, if there is one. */
  readonly user: string | undefined;
}

/** `ssh-config`: lets plain ssh, scp, rsync and git reach the endpoints. */
export function addSshConfigCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('ssh-config')
    .summary('print a configuration for ssh')
    .description(
      'Prints Host entries for the PASSTHROUGH endpoints with port 22, or with an SSH endpoint for the ' +
        'same server, so that plain "ssh press-7" works. Each host is named after gateway and ' +
        'endpoint, and also after the endpoint alone if that name is unique. Write the entries to a ' +
        'file and include it in the configuration of ssh: Include ~/.ssh/remote-access.config',
    )
    .argument('[gateways...]', 'ids, serial numbers or names; all by default')
    .option('-a, --all', 'all PASSTHROUGH endpoints, whatever their port')
    .action(async (gateways: string[], options: { all?: boolean }, command: Command) => {
      const context = Context.of(command, surroundings);
      const client = await context.client();
      const directory = new GatewayDirectory(client);
      const found =
        gateways.length === 0
          ? await directory.list(false)
          : await Promise.all(gateways.map(one => directory.find(one)));
      const endpoints = new EndpointDirectory(client);
      const hosts: Host[] = [];
      for (const gateway of found) {
        hosts.push(...hostsOf(gateway, await endpoints.list(gateway), options.all ?? false));
      }
      const { profile } = context.options;
      const proxy = [...OWN_COMMAND, ...(profile === undefined ? [] : ['--profile', profile])];
      if (context.output.isJson) return context.output.json(named(hosts).map(jsonOf));
      for (const { names, host } of named(hosts)) {
        const { gateway, endpoint, user } = host;
        // Ids, not names: nothing that a device can choose becomes part of a command.
        const line = proxyCommandLine([...proxy, 'proxy', gateway.id, endpoint.id]);
        context.output.text(`Host ${names.join(' ')}`);
        context.output.text(`  ProxyCommand ${line}`);
        context.output.text(`  HostKeyAlias ${hostKeyAlias(client.url, gateway, endpoint)}`);
        context.output.text('  CheckHostIP no');
        if (user !== undefined) context.output.text(`  User ${user}`);
      }
    });
}

function hostsOf(gateway: Gateway, endpoints: readonly Endpoint[], all: boolean): Host[] {
  return endpoints
    .filter(({ protocol, id }) => protocol === 'PASSTHROUGH' && /^[\w-]+$/.test(id))
    .flatMap(endpoint => {
      const shell = endpoints.find(
        ({ protocol, hostname, port }) =>
          protocol === 'SSH' && hostname === endpoint.hostname && port === endpoint.port,
      );
      if (!all && endpoint.port !== SSH_PORT && !shell) return [];
      const user = shell?.credentials.username ?? undefined;
      return [{ gateway, endpoint, user: user && /^[\w.@\\-]+$/.test(user) ? user : undefined }];
    });
}

/** Each host with its names: `gateway.endpoint`, and `endpoint` if that is unique. */
function named(hosts: readonly Host[]): { names: string[]; host: Host }[] {
  const short = hosts.map(({ endpoint }) => slug(endpoint.name) || endpoint.id);
  const long = hosts.map(({ gateway }, at) => `${slug(gateway.name) || gateway.id}.${short[at]!}`);
  return hosts.map((host, at) => {
    const { gateway, endpoint } = host;
    const isUnique = (names: readonly string[]): boolean =>
      names.filter(name => name === names[at]).length === 1;
    const full = isUnique(long) ? long[at]! : `${gateway.id}.${endpoint.id}`;
    return { names: isUnique(short) ? [short[at]!, full] : [full], host };
  });
}

/** Keeps only characters that are neither patterns nor separators to ssh. */
function slug(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/\(tcp\)$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
}

function jsonOf({ names, host: { gateway, endpoint, user } }: { names: string[]; host: Host }) {
  return { names, gateway: gateway.id, endpoint: endpoint.id, user: user ?? null };
}
