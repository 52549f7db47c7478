import type { Protocol } from '@remote-access/contracts';

/** The requirements of a command on its endpoint. */
export interface Purpose {
  /** The command, for messages: "remote-access ssh". */
  readonly command: string;
  readonly protocols: readonly Protocol[];
  /** If no endpoint is named, one with such a port is preferred. */
  readonly preferredPorts?: readonly number[];
}

/** Endpoints that pass bytes unchanged; an SSH endpoint would give the program a terminal. */
const TCP: readonly Protocol[] = ['PASSTHROUGH', 'VNC', 'TELNET'];

/** The commands that connect, in the order in which they are listed. */
const REQUIREMENTS = {
  ssh: { protocols: ['PASSTHROUGH'], preferredPorts: [22] },
  scp: { protocols: ['PASSTHROUGH'], preferredPorts: [22] },
  vnc: { protocols: ['VNC', 'PASSTHROUGH'] },
  forward: { protocols: TCP },
  proxy: { protocols: TCP, preferredPorts: [22] },
  web: { protocols: ['PASSTHROUGH'], preferredPorts: [80, 443, 8080, 8443] },
} as const satisfies Record<string, Omit<Purpose, 'command'>>;

export type ConnectCommand = keyof typeof REQUIREMENTS;

const COMMANDS = Object.keys(REQUIREMENTS) as ConnectCommand[];

/** The commands that a PASSTHROUGH endpoint of the same server makes useful for an SSH server. */
const FOR_SSH_SERVERS: readonly ConnectCommand[] = ['ssh', 'scp', 'forward', 'proxy'];

export function purposeOf(command: ConnectCommand): Purpose {
  return { command: `remote-access ${command}`, ...REQUIREMENTS[command] };
}

/**
 * The commands that work with an endpoint of a protocol; those for SSH use the PASSTHROUGH endpoint
 * of the same server.
 */
export function commandsFor(protocol: Protocol): readonly ConnectCommand[] {
  if (protocol === 'SSH') return FOR_SSH_SERVERS;
  return COMMANDS.filter(command => purposeOf(command).protocols.includes(protocol));
}
