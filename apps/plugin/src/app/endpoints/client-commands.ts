import type { PlatformCalls } from '../host/platform-calls';

/** A command to paste into a shell on the user's computer. */
export interface ClientCommand {
  readonly program: 'remote-access' | 'go-c8y-cli' | 'c8ylp';
  readonly purpose: 'browser' | 'desktop' | 'server' | 'ssh' | 'proxy-command';
  readonly line: string;
}

export interface CommandSubject {
  readonly deviceId: string;
  readonly endpointName: string;
  /** The port of the server, from which the kind of service is guessed. */
  readonly port: number;
  /** c8ylp finds a device only by its external id of type c8y_Serial. */
  readonly serial?: string | undefined;
}

/** Placeholder for the user name on the server, which a passthrough endpoint does not store. */
const USER = 'USER';

/** The service that probably listens on a port; `unknown` may be anything, including SSH. */
function serviceOn(port: number): 'ssh' | 'web' | 'desktop' | 'unknown' {
  if (port === 22) return 'ssh';
  if ([80, 443, 8000, 8008, 8080, 8081, 8443].includes(port)) return 'web';
  return port >= 5900 && port < 6000 ? 'desktop' : 'unknown';
}

/**
 * The commands for a passthrough endpoint that fit its port, for sh, bash and zsh. Names are
 * untrusted, so they are quoted: no shell can execute any part of them.
 */
export function clientCommands({
  deviceId,
  endpointName,
  port,
  serial,
}: CommandSubject): ClientCommand[] {
  const device = shellQuote(deviceId);
  const name = shellQuote(endpointName);
  // Prevents a name that looks like an option from being parsed as one.
  const own = `${device} ${endpointName.startsWith('-') ? '-- ' : ''}${name}`;
  const go = `--device ${device} --configuration ${name}`;
  const commands: ClientCommand[] = [
    ...ofKind('remote-access', {
      browser: `remote-access web ${own}`,
      desktop: `remote-access vnc ${own}`,
      server: `remote-access forward ${own}`,
      ssh: `remote-access ssh --user ${USER} ${own}`,
    }),
    ...ofKind('go-c8y-cli', {
      server: `c8y remoteaccess server ${go} --listen 127.0.0.1:0`,
      ssh: `c8y remoteaccess connect ssh ${go} --user ${USER}`,
      'proxy-command': viaProxyCommand(`c8y remoteaccess server ${go} --listen -`, deviceId),
    }),
  ];
  if (serial !== undefined) {
    const python = `${shellQuote(serial)} --config ${name} --env-file .env`;
    commands.push(
      ...ofKind('c8ylp', {
        server: `c8ylp server ${python}`,
        ssh: `c8ylp connect ssh ${python} --ssh-user ${USER}`,
        'proxy-command': viaProxyCommand(`c8ylp server ${python} --stdio`, serial),
      }),
    );
  }
  const purposes = PURPOSES[serviceOn(port)];
  return commands
    .filter(({ purpose }) => purposes.includes(purpose))
    .sort((one, other) => purposes.indexOf(one.purpose) - purposes.indexOf(other.purpose));
}

/** The commands for each kind of service, most useful first. */
const PURPOSES: Readonly<
  Record<ReturnType<typeof serviceOn>, readonly ClientCommand['purpose'][]>
> = {
  ssh: ['ssh', 'proxy-command', 'server'],
  web: ['browser', 'server'],
  desktop: ['desktop', 'server'],
  unknown: ['server', 'ssh', 'proxy-command', 'browser'],
};

function ofKind(
  program: ClientCommand['program'],
  lines: Partial<Record<ClientCommand['purpose'], string>>,
): ClientCommand[] {
  return Object.entries(lines).map(([purpose, line]) => ({
    program,
    purpose: purpose as ClientCommand['purpose'],
    line,
  }));
}

/**
 * @returns the external id of type c8y_Serial, or `undefined` if there is none or it cannot be read
 */
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

/** ssh expands `%` in a ProxyCommand and passes the result to the user's shell. */
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
