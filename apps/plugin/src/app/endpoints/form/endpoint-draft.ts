import {
  type BackspaceKey,
  CREDENTIALS_OF,
  type CredentialsType,
  DEFAULT_PORTS,
  type DeleteKey,
  type Encoding,
  type Endpoint,
  type EndpointBody,
  type EndpointCredentials,
  type EndpointOptions,
  type FunctionKeys,
  type HomeEndKeys,
  LIMITS,
  LOCALE,
  MANDATORY_CREDENTIALS,
  OPTIONS_OF,
  type Protocol,
  SECRET_FIELDS,
  type SecretField,
} from '@remote-access/contracts';
import { gettext, type Message } from '../../ui/message';
import type { EndpointEntry } from '../endpoint-client';

/** The values of the form: texts as typed, and switches. */
export interface DraftValue {
  name: string;
  protocol: Protocol;
  hostname: string;
  port: string;
  credentialsType: CredentialsType;
  username: string;
  password: string;
  privateKey: string;
  /** Decrypts the private key; never stored. */
  passphrase: string;
  publicKey: string;
  certificate: string;
  hostKey: string;
  legacyAlgorithms: boolean;
  command: string;
  encoding: Encoding;
  locale: string;
  backspace: BackspaceKey;
  deleteKey: DeleteKey;
  homeEnd: HomeEndKeys;
  functionKeys: FunctionKeys;
  localEcho: boolean;
  viewOnly: boolean;
  shared: boolean;
  allowUnencryptedSignIn: boolean;
}

export type DraftField = keyof DraftValue;
export type Problems = Partial<Record<DraftField, Message>>;

/** The initial values. The service never returns secrets. */
export function startValue(protocol: Protocol, stored?: Endpoint): DraftValue {
  const credentials = stored?.credentials;
  return {
    name: stored?.name ?? '',
    protocol,
    hostname: stored?.hostname ?? '',
    // The port of a damaged entry is 0.
    port: stored?.port ? String(stored.port) : defaultPort(protocol),
    credentialsType: credentials?.type ?? defaultCredentials(protocol),
    username: credentials?.username ?? '',
    password: '',
    privateKey: '',
    passphrase: '',
    publicKey: credentials?.publicKey ?? '',
    certificate: credentials?.certificate ?? '',
    hostKey: credentials?.hostKey ?? '',
    legacyAlgorithms: stored?.legacyAlgorithms ?? false,
    command: stored?.command ?? '',
    encoding: stored?.encoding ?? 'utf-8',
    locale: stored?.locale ?? '',
    backspace: stored?.backspace ?? 'del',
    deleteKey: stored?.deleteKey ?? 'vt220',
    homeEnd: stored?.homeEnd ?? 'xterm',
    functionKeys: stored?.functionKeys ?? 'xterm',
    localEcho: stored?.localEcho ?? false,
    viewOnly: stored?.viewOnly ?? false,
    // A session should not disconnect someone who is working at the machine's own screen.
    shared: stored?.shared ?? true,
    allowUnencryptedSignIn: stored?.allowUnencryptedSignIn ?? false,
  };
}

export function defaultCredentials(protocol: Protocol): CredentialsType {
  return CREDENTIALS_OF[protocol][0] ?? 'NONE';
}

/** As text for the form; empty if the protocol has none. */
export function defaultPort(protocol: Protocol): string {
  return String(DEFAULT_PORTS[protocol] ?? '');
}

/** The defaults, which most systems understand, are not stored. */
const USUAL: Partial<Record<keyof EndpointOptions, string>> = {
  backspace: 'del',
  deleteKey: 'vt220',
  homeEnd: 'xterm',
  functionKeys: 'xterm',
};

const CREDENTIAL_FIELDS = [
  'username',
  'password',
  'privateKey',
  'publicKey',
  'certificate',
  'hostKey',
] as const satisfies readonly (keyof EndpointCredentials)[];

/** The fields of each sign-in method. SSH and VNC endpoints also have a host key. */
const SHOWN: Readonly<Record<CredentialsType, readonly DraftField[]>> = {
  NONE: [],
  PASS_ONLY: ['password'],
  USER_PASS: ['username', 'password'],
  KEY_PAIR: ['username', 'privateKey', 'publicKey'],
  CERTIFICATE: ['username', 'privateKey', 'certificate'],
};

/** The endpoint that a draft starts from. */
export interface DraftOrigin {
  /** The endpoint to edit. */
  readonly stored?: EndpointEntry | undefined;
  /** The endpoint from which everything except the secrets is copied. */
  readonly duplicateOf?: EndpointEntry | undefined;
  /** Stored secrets that the user wants to replace. */
  readonly replaced?: ReadonlySet<SecretField>;
}

/** The rules of the form: which fields it shows, what is wrong with them, and what it sends. */
export class EndpointDraft {
  constructor(private readonly origin: DraftOrigin = {}) {}

  start(protocol: Protocol = this.model?.protocol ?? 'SSH'): DraftValue {
    const value = startValue(protocol, this.model);
    const { duplicateOf } = this.origin;
    // The private key is not copied, and the public key is useless without it.
    return duplicateOf ? { ...value, name: `${duplicateOf.name} (2)`, publicKey: '' } : value;
  }

  /** Whether the chosen protocol and sign-in method have this field. */
  shows({ protocol, credentialsType }: DraftValue, field: DraftField): boolean {
    if (field === 'hostKey') return protocol === 'SSH' || protocol === 'VNC';
    const options: readonly DraftField[] = OPTIONS_OF[protocol];
    return SHOWN[credentialsType].includes(field) || options.includes(field);
  }

  /** Whether the stored secret is kept. */
  keepsStored(value: DraftValue, field: SecretField): boolean {
    return (
      this.hasStored(field) &&
      !this.origin.replaced?.has(field) &&
      this.reentryReason(value, field) === undefined
    );
  }

  hasStored(field: SecretField): boolean {
    return Boolean(this.origin.stored?.credentials[field]);
  }

  /** Why a stored secret cannot be kept; `undefined` if it can, or if there is none. */
  reentryReason(value: DraftValue, field: SecretField): Message | undefined {
    const { stored } = this.origin;
    if (!stored || !this.hasStored(field)) return undefined;
    if (stored.unreadable?.includes(field)) return UNREADABLE[field];
    // A private key never leaves the service, so it can be used for any server.
    if (field === 'privateKey') return undefined;
    if (stored.changed) return CHANGED_OUTSIDE;
    const elsewhere =
      stored.hostname !== value.hostname.trim() ||
      stored.port !== Number(value.port) ||
      stored.protocol !== value.protocol ||
      stored.credentials.type !== value.credentialsType;
    if (elsewhere) return TARGET_CHANGED;
    return isWeaker(stored, value) ? LESS_PROTECTED : undefined;
  }

  problems(value: DraftValue): Problems {
    const problems: Problems = {};
    if (!value.name.trim()) problems.name = { text: gettext('Enter a name.') };
    else if (value.name.trim().length > LIMITS.name) problems.name = tooLong(LIMITS.name);

    const hostname = hostnameProblem(value.hostname.trim());
    if (hostname) problems.hostname = hostname;

    const port = Number(value.port);
    if (!/^\d{1,5}$/.test(value.port.trim()) || port < LIMITS.minPort || port > LIMITS.maxPort) {
      problems.port = { text: gettext('Enter a port from 1 to 65535.') };
    }
    if (!CREDENTIALS_OF[value.protocol].includes(value.credentialsType)) {
      problems.credentialsType = { text: gettext('Select a sign-in method.') };
    }
    for (const field of MANDATORY_CREDENTIALS[value.credentialsType]) {
      const message = this.problemOfMandatory(value, field);
      if (message) problems[field] = message;
    }
    for (const field of ['username', 'password'] as const) {
      if (value[field].length > LIMITS[field]) problems[field] = tooLong(LIMITS[field]);
    }
    for (const field of ['privateKey', 'publicKey', 'certificate', 'hostKey'] as const) {
      if (value[field].length > LIMITS.key) problems[field] = tooLong(LIMITS.key);
    }
    const command = value.command.trim();
    if (command.length > LIMITS.command) problems.command = tooLong(LIMITS.command);
    const locale = value.locale.trim();
    if (locale.length > LIMITS.locale) problems.locale = tooLong(LIMITS.locale);
    else if (locale !== '' && !LOCALE.test(locale)) {
      problems.locale = { text: gettext('Enter the name of a locale, such as en_US.UTF-8.') };
    }
    for (const field of ['command', 'locale'] as const) {
      if (problems[field] && !this.shows(value, field)) Reflect.deleteProperty(problems, field);
    }
    for (const field of CREDENTIAL_FIELDS) {
      if (problems[field] && !this.shows(value, field)) Reflect.deleteProperty(problems, field);
    }
    return problems;
  }

  /** The request body. The service keeps the stored value of an absent secret. */
  body(value: DraftValue): EndpointBody {
    const { protocol, credentialsType } = value;
    const body: EndpointBody = {
      name: value.name.trim(),
      hostname: value.hostname.trim(),
      port: Number(value.port),
      protocol,
      credentialsType,
    };
    for (const field of CREDENTIAL_FIELDS) {
      if (!this.shows(value, field) || !value[field] || this.withholds(value, field)) continue;
      body[field] = field === 'password' ? value[field] : value[field].trim();
    }
    if (body.privateKey && value.passphrase) body.passphrase = value.passphrase;
    for (const option of OPTIONS_OF[protocol]) {
      const given = value[option];
      const text = typeof given === 'string' ? given.trim() : given;
      const isUsual = text === '' || text === USUAL[option];
      Object.assign(body, { [option]: isUsual ? null : text });
    }
    const attrs = this.model?.attrs;
    if (attrs) body.attrs = attrs;
    return body;
  }

  private get model(): EndpointEntry | undefined {
    return this.origin.stored ?? this.origin.duplicateOf;
  }

  private withholds(value: DraftValue, field: keyof EndpointCredentials): boolean {
    return isSecret(field) && this.keepsStored(value, field);
  }

  private problemOfMandatory(
    value: DraftValue,
    field: (typeof CREDENTIAL_FIELDS)[number],
  ): Message | undefined {
    if (value[field].trim() || (field === 'password' && value.password)) return undefined;
    if (!isSecret(field)) return MISSING[field];
    if (this.keepsStored(value, field)) return undefined;
    return this.reentryReason(value, field) ?? MISSING[field];
  }
}

/**
 * Whether the change would weaken the endpoint's protection; the service applies the same rules.
 */
function isWeaker(stored: EndpointEntry, value: DraftValue): boolean {
  const pinned = hostKeysIn(stored.credentials.hostKey ?? '');
  const pins = hostKeysIn(value.hostKey);
  const acceptsOthers = pins.length === 0 || pins.some(key => !pinned.includes(key));
  return (
    (pinned.length > 0 && acceptsOthers) ||
    (value.legacyAlgorithms && !stored.legacyAlgorithms) ||
    (value.allowUnencryptedSignIn && !stored.allowUnencryptedSignIn) ||
    (stored.viewOnly === true && !value.viewOnly) ||
    (stored.command !== undefined && stored.command !== value.command.trim())
  );
}

/** Type and key of each line, without the comment. */
function hostKeysIn(text: string): string[] {
  const lines = text.split(/\r?\n/).map(line => line.trim());
  // Lines of revoked keys are left to the service.
  const trusted = lines.filter(line => line !== '' && !line.startsWith('@revoked '));
  return trusted.map(line => line.split(/\s+/).slice(0, 2).join(' '));
}

/** Catches common mistakes when pasting. The service validates the rest. */
function hostnameProblem(hostname: string): Message | undefined {
  if (!hostname) return { text: gettext('Enter a host name or an IP address.') };
  if (/\s|[/\\@]/.test(hostname)) {
    return { text: gettext('Enter only the host, without protocol, path or user.') };
  }
  return hostname.length > LIMITS.hostname ? tooLong(LIMITS.hostname) : undefined;
}

/**
 * The service requires this too. Otherwise a user could have a password that they do not know sent
 * to a server of their own.
 */
const TARGET_CHANGED: Message = {
  text: gettext(
    'Enter the password again: the host, port, protocol or sign-in method has changed.',
  ),
};

const LESS_PROTECTED: Message = {
  text: gettext(
    'Enter the password again: you changed or removed the host key, changed the command, allowed weak algorithms or unencrypted sign-in, or switched off view only, which makes the endpoint less secure.',
  ),
};

const CHANGED_OUTSIDE: Message = {
  text: gettext('Enter the password again: this endpoint was changed outside Remote access.'),
};

const UNREADABLE: Readonly<Record<SecretField, Message>> = {
  password: {
    text: gettext('Enter the password again: the stored password cannot be read.'),
  },
  privateKey: {
    text: gettext('Enter the private key again: the stored key cannot be read.'),
  },
};

const MISSING: Readonly<Record<(typeof CREDENTIAL_FIELDS)[number], Message>> = {
  username: { text: gettext('Enter a username.') },
  password: { text: gettext('Enter a password.') },
  privateKey: { text: gettext('Generate, paste or upload a private key.') },
  publicKey: { text: gettext('Paste or upload a public key.') },
  certificate: { text: gettext('Paste or upload a certificate.') },
  hostKey: { text: gettext('Paste a host key.') },
};

function isSecret(field: string): field is SecretField {
  return (SECRET_FIELDS as readonly string[]).includes(field);
}

function tooLong(limit: number): Message {
  return {
    text: gettext('Enter at most {{ limit }} characters.'),
    values: { limit: String(limit) },
  };
}
