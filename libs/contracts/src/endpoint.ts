/**
 * An endpoint: one server in a gateway's network that operators connect to.
 * Shapes and limits are the product's, as its clients c8ylp and go-c8y-cli use them.
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

/** Which ways to sign in a protocol has, the usual one first. */
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

/** The secret and plain parts of how to sign in. */
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

/** Every sealed secret begins with this, and so does the placeholder that the API returns for one. */
export const CIPHER_MARK = '{cipher}';

/** What must be given for each way to sign in. */
export const MANDATORY_CREDENTIALS: Readonly<
  Record<CredentialsType, readonly Exclude<keyof EndpointCredentials, 'type'>[]>
> = {
  NONE: [],
  PASS_ONLY: ['password'],
  USER_PASS: ['username', 'password'],
  KEY_PAIR: ['username', 'privateKey'],
  CERTIFICATE: ['username', 'privateKey', 'certificate'],
};

/** How the text of a terminal is written at the far end; UTF-8 where nothing is said. */
export const ENCODINGS = ['utf-8', 'latin1', 'cp437', 'gbk', 'shift_jis'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** What an endpoint may say beside its sign-in; each for some protocols only. */
export interface EndpointOptions {
  /** SSH: takes algorithms that are known to be weak, for servers that have no others. */
  legacyAlgorithms?: boolean;
  /** SSH, TELNET. */
  encoding?: Encoding;
  /** VNC: the screen is shown, nothing is typed or clicked. */
  viewOnly?: boolean;
  /** VNC: others who look at the same screen stay. */
  shared?: boolean;
}

/** Which {@link EndpointOptions} a protocol knows. */
export const OPTIONS_OF: Readonly<Record<Protocol, readonly (keyof EndpointOptions)[]>> = {
  SSH: ['legacyAlgorithms', 'encoding'],
  VNC: ['viewOnly', 'shared'],
  TELNET: ['encoding'],
  PASSTHROUGH: [],
};

/** The nested form: stored on the gateway's managed object and returned by the API. */
export interface Endpoint extends EndpointOptions {
  id: string;
  name: string;
  hostname: string;
  port: number;
  protocol: Protocol;
  credentials: EndpointCredentials;
  attrs?: Readonly<Record<string, unknown>>;
}

/** The flat form: the body of POST, PUT and PATCH. */
export interface EndpointBody {
  name: string;
  hostname: string;
  port: number;
  protocol: Protocol;
  credentialsType?: CredentialsType;
  username?: string | null;
  password?: string | null;
  privateKey?: string | null;
  /** Opens a private key that is protected; never stored. */
  passphrase?: string | null;
  publicKey?: string | null;
  certificate?: string | null;
  hostKey?: string | null;
  legacyAlgorithms?: boolean | null;
  encoding?: Encoding | null;
  viewOnly?: boolean | null;
  shared?: boolean | null;
  attrs?: Readonly<Record<string, unknown>>;
}

/** Longest texts, in characters. Keys and certificates are bounded by {@link LIMITS.key}. */
export const LIMITS = {
  name: 1000,
  hostname: 255,
  username: 255,
  password: 255,
  /** An RSA key of 16384 bits in an OpenSSH container takes about 13 000 characters. */
  key: 65_536,
  minPort: 1,
  maxPort: 65_535,
} as const;
