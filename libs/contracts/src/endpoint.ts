/**
 * An endpoint: a server in a gateway's network that users connect to. Fields and limits are those
 * of the vendor's product, which clients such as c8ylp and go-c8y-cli rely on.
 */
export const PROTOCOLS = ['VNC', 'SSH', 'TELNET', 'PASSTHROUGH'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export const CREDENTIALS_TYPES = [
  'NONE',
  'PASS_ONLY',
  'USER_PASS',
  'KEY_PAIR',
  'CERTIFICATE',
] as const;
export type CredentialsType = (typeof CREDENTIALS_TYPES)[number];

/** The credentials types of each protocol, the default first. */
export const CREDENTIALS_OF: Readonly<Record<Protocol, readonly CredentialsType[]>> = {
  SSH: ['USER_PASS', 'KEY_PAIR', 'CERTIFICATE'],
  VNC: ['NONE', 'PASS_ONLY', 'USER_PASS'],
  TELNET: ['NONE'],
  PASSTHROUGH: ['NONE'],
};

export const DEFAULT_PORTS: Readonly<Record<Protocol, number | undefined>> = {
  SSH: 22,
  VNC: 5900,
  TELNET: 23,
  PASSTHROUGH: undefined,
};

export interface EndpointCredentials {
  type: CredentialsType;
  username: string | null;
  password: string | null;
  privateKey: string | null;
  publicKey: string | null;
  certificate: string | null;
  hostKey: string | null;
}

/** Fields of {@link EndpointCredentials} that are sealed before they are stored. */
export const SECRET_FIELDS = ['password', 'privateKey'] as const;
export type SecretField = (typeof SECRET_FIELDS)[number];

/** The prefix of every sealed secret, and of the placeholder that the API returns for one. */
export const CIPHER_MARK = '{cipher}';

/** The required fields of each credentials type. */
export const MANDATORY_CREDENTIALS: Readonly<
  Record<CredentialsType, readonly Exclude<keyof EndpointCredentials, 'type'>[]>
> = {
  NONE: [],
  PASS_ONLY: ['password'],
  USER_PASS: ['username', 'password'],
  KEY_PAIR: ['username', 'privateKey'],
  CERTIFICATE: ['username', 'privateKey', 'certificate'],
};

/** Character encodings of remote terminals. UTF-8 is the default. */
export const ENCODINGS = ['utf-8', 'latin1', 'cp437', 'gbk', 'shift_jis'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The byte that the backspace key sends: 7f (the default) or 08. */
export const BACKSPACE_KEYS = ['del', 'bs'] as const;
export type BackspaceKey = (typeof BACKSPACE_KEYS)[number];

/** The bytes that the delete key sends: `ESC [ 3 ~` (the default) or 7f. */
export const DELETE_KEYS = ['vt220', 'del'] as const;
export type DeleteKey = (typeof DELETE_KEYS)[number];

/**
 * The bytes that Home and End send: `ESC [ H` and `ESC [ F` (the default), or `ESC [ 1 ~` and `ESC
 * [ 4 ~`.
 */
export const HOME_END_KEYS = ['xterm', 'vt220'] as const;
export type HomeEndKeys = (typeof HOME_END_KEYS)[number];

/** The sequences that F1 to F12 send. The default is xterm's. */
export const FUNCTION_KEYS = ['xterm', 'linux', 'vt400', 'sco'] as const;
export type FunctionKeys = (typeof FUNCTION_KEYS)[number];

/** Optional settings; each applies to some protocols only. */
export interface EndpointOptions {
  /** SSH: accepts weak algorithms, for servers that support no others. */
  legacyAlgorithms?: boolean;
  /** SSH: the command to run instead of a shell. */
  command?: string;
  /** SSH, TELNET. */
  encoding?: Encoding;
  /**
   * SSH, TELNET: sent to the server as LANG. By default a locale that every server has, or none.
   */
  locale?: string;
  /** SSH, TELNET: the bytes that keys send. */
  backspace?: BackspaceKey;
  deleteKey?: DeleteKey;
  homeEnd?: HomeEndKeys;
  functionKeys?: FunctionKeys;
  /** TELNET: show input locally even if the server does not ask for it. */
  localEcho?: boolean;
  /** VNC: the service shows the screen but forwards no input; viewers are always shared. */
  viewOnly?: boolean;
  /** VNC: other viewers of the screen stay connected. */
  shared?: boolean;
  /** VNC: user name and password may be sent without encryption, for servers that offer none. */
  allowUnencryptedSignIn?: boolean;
}

/** The kind of value of each option: a boolean, a line of text, or one of a list. */
export const OPTION_VALUES = {
  legacyAlgorithms: 'flag',
  command: 'text',
  encoding: ENCODINGS,
  locale: 'text',
  backspace: BACKSPACE_KEYS,
  deleteKey: DELETE_KEYS,
  homeEnd: HOME_END_KEYS,
  functionKeys: FUNCTION_KEYS,
  localEcho: 'flag',
  viewOnly: 'flag',
  shared: 'flag',
  allowUnencryptedSignIn: 'flag',
} as const satisfies Readonly<Record<keyof EndpointOptions, 'flag' | 'text' | readonly string[]>>;

const KEYBOARD = ['backspace', 'deleteKey', 'homeEnd', 'functionKeys'] as const;

/** The {@link EndpointOptions} of each protocol. */
export const OPTIONS_OF: Readonly<Record<Protocol, readonly (keyof EndpointOptions)[]>> = {
  SSH: ['legacyAlgorithms', 'command', 'encoding', 'locale', ...KEYBOARD],
  VNC: ['viewOnly', 'shared', 'allowUnencryptedSignIn'],
  TELNET: ['encoding', 'locale', ...KEYBOARD, 'localEcho'],
  PASSTHROUGH: [],
};

/** `en_US.UTF-8`, `C`, `sr_RS@latin`. */
export const LOCALE = /^[A-Za-z][\w.-]*(@[\w-]+)?$/;

/** The nested form, which is stored on the gateway's managed object and returned by the API. */
export interface Endpoint extends EndpointOptions {
  id: string;
  name: string;
  hostname: string;
  port: number;
  protocol: Protocol;
  credentials: EndpointCredentials;
  attrs?: Readonly<Record<string, unknown>>;
}

type NullableOptions = {
  [Name in keyof EndpointOptions]?: EndpointOptions[Name] | null;
};

/** The flat form, which POST, PUT and PATCH accept. */
export interface EndpointBody extends NullableOptions {
  name: string;
  hostname: string;
  port: number;
  protocol: Protocol;
  credentialsType?: CredentialsType;
  username?: string | null;
  password?: string | null;
  privateKey?: string | null;
  /** Decrypts the private key; never stored. */
  passphrase?: string | null;
  publicKey?: string | null;
  certificate?: string | null;
  hostKey?: string | null;
  attrs?: Readonly<Record<string, unknown>>;
}

/** Maximum lengths in characters, and the range of ports. */
export const LIMITS = {
  name: 1000,
  hostname: 255,
  username: 255,
  password: 255,
  command: 1000,
  locale: 64,
  /**
   * Keys and certificates. An RSA key of 16384 bits takes about 13,000 characters in OpenSSH's
   * format.
   */
  key: 65_536,
  minPort: 1,
  maxPort: 65_535,
} as const;

/** Host and port, e.g. `[fe80::1]:22`; only the host if there is no port, as in damaged entries. */
export function addressText({ hostname, port }: Pick<Endpoint, 'hostname' | 'port'>): string {
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  return port ? `${host}:${port}` : host;
}

/** An IPv4 address, whose parts may be decimal, octal or hexadecimal. */
const NUMERIC = /^(?:\d+|0x[\da-f]*)(?:\.(?:\d+|0x[\da-f]*))*\.?$/i;

/**
 * Some systems read `010.0.0.5` as 8.0.0.5, others as 10.0.0.5.
 *
 * @returns the address in ASCII if a part of it has leading zeros, also where it is written with
 *   full-width digits and dots, which URL accepts; otherwise `undefined`
 */
export function addressWithLeadingZeros(host: string): string | undefined {
  const ascii = host.normalize('NFKC').replaceAll('\u3002', '.');
  return NUMERIC.test(ascii) && /(?:^|\.)0\d/.test(ascii) ? ascii : undefined;
}
