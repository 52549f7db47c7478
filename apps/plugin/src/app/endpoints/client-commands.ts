import type { PlatformCalls } from '../host/platform-calls';

/** A command to paste into a shell on the user's computer. */
export interface ClientCommand {
  readonly program: 'go-c8y-cli' | 'c8ylp';
  readonly purpose: 'server' | 'ssh' | 'proxy-command';
  readonly line: string;
}

export interface CommandSubject {
  readonly deviceId: string;
  readonly endpointName: string;
  /** c8ylp finds a device only by its external id of type c8y_Serial. */
  readonly serial?: string | undefined;
}

/** Placeholder for the user name on the server, which a passthrough endpoint does not store. */
const USER = 'USER';

/**
 * The commands for a passthrough endpoint, for sh, bash and zsh. Names are untrusted, so they are
 * quoted: no shell can execute a part of them.
 */
export function clientCommands({
  deviceId,
  endpointName,
  serial,
}: CommandSubject): ClientCommand[] {
  const device = shellQuote(deviceId);
  const name = shellQuote(endpointName);
  const go = `--device ${device} --configuration ${name}`;
  const commands: ClientCommand[] = [
    {
      program: 'go-c8y-cli',
      purpose: 'server',
      line: `c8y remoteaccess server ${go} --listen 127.0.0.1:0`,
    },
    {
      program: 'go-c8y-cli',
      purpose: 'ssh',
      line: `c8y remoteaccess connect ssh ${go} --user ${USER}`,
    },
    {
      program: 'go-c8y-cli',
      purpose: 'proxy-command',
      line: viaProxyCommand(`c8y remoteaccess server ${go} --listen -`, deviceId),
    },
  ];
  if (serial === undefined) return commands;
  const python = `${shellQuote(serial)} --config ${name} --env-file .env`;
  return [
    ...commands,
    { program: 'c8ylp', purpose: 'server', line: `c8ylp server ${python}` },
    {
      program: 'c8ylp',
      purpose: 'ssh',
      line: `c8ylp connect ssh ${python} --ssh-user ${USER}`,
    },
    {
      program: 'c8ylp',
      purpose: 'proxy-command',
      line: viaProxyCommand(`c8ylp server ${python} --stdio`, serial),
    },
  ];
}

/** @returns the external id of type c8y_Serial, or `undefined` if none can be read */
export async function serialOf(
  platform: PlatformCalls,
  deviceId: string,
): Promise<string | undefined> {
  const path = `/identity/globalIds/${encodeURIComponent(deviceId)}/externalIds`;
  const { status, body } = await platform.call('GET', path);
  const ids = (body as { externalIds?: unknown } | undefined)?.externalIds;
  if (status !== 200 || !Array.isArray(ids)) return undefined;
  const serial = (ids as { type?: unknown; externalId?: unknown }[]).find(
    ({ type }) => type === 'c8y_Serial',
  )?.externalId;
  return typeof serial === 'string' ? serial : undefined;
}

/** ssh expands `%` in a ProxyCommand and hands the result to the user's shell. */
function viaProxyCommand(command: string, host: string): string {
  const option = shellQuote(`ProxyCommand=${command.replaceAll('%', '%%')}`);
  return `ssh -o ${option} ${USER}@${shellQuote(host)}`;
}

/** Quotes a word for a POSIX shell, if necessary. */
function shellQuote(text: string): string {
  return /^[\w@:./-]+$/.test(text) && !text.startsWith('-')
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
}
