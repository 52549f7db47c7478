import type { PlatformCalls } from '../host/platform-calls';

/** A line to paste into a shell on the user's own machine. */
export interface ClientCommand {
  readonly program: 'go-c8y-cli' | 'c8ylp';
  readonly purpose: 'server' | 'ssh' | 'proxy-command';
  readonly line: string;
}

/** What the lines are about. */
export interface CommandSubject {
  readonly deviceId: string;
  readonly endpointName: string;
  /** c8ylp knows a device by its external id of the type c8y_Serial only. */
  readonly serial?: string | undefined;
}

/** Stands for who signs in at the far end, whom a passthrough endpoint does not know. */
const USER = 'USER';

/**
 * The lines for a passthrough endpoint, for sh, bash and zsh. Names are other people's texts: each
 * stands in quotes, so that no shell takes a part of it for a command.
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

/** @returns the external id of the type c8y_Serial, `undefined` where there is none to be seen */
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

/** ssh replaces `%` in a ProxyCommand, and hands the rest to the user's shell once more. */
function viaProxyCommand(command: string, host: string): string {
  const option = shellQuote(`ProxyCommand=${command.replaceAll('%', '%%')}`);
  return `ssh -o ${option} ${USER}@${shellQuote(host)}`;
}

/** A word for a POSIX shell; what cannot be misread stays as it is. */
function shellQuote(text: string): string {
  return /^[\w@:./-]+$/.test(text) && !text.startsWith('-')
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
}
