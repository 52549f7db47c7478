import {
  CREDENTIALS_OF,
  DEFAULT_PORTS,
  LIMITS,
  MANDATORY_CREDENTIALS,
  SECRET_FIELDS,
  type CredentialsType,
  type Endpoint,
  type EndpointBody,
  type EndpointCredentials,
  type Protocol,
  type SecretField,
} from '@remote-access/contracts';
import { gettext, type Words } from '../ui/words';

/** What the form holds: all texts, as typed. */
export interface DraftValue {
  name: string;
  protocol: Protocol;
  hostname: string;
  port: string;
  credentialsType: CredentialsType;
  username: string;
  password: string;
  privateKey: string;
  publicKey: string;
  certificate: string;
  hostKey: string;
}

export type DraftField = keyof DraftValue;
export type Problems = Partial<Record<DraftField, Words>>;

const CREDENTIAL_FIELDS = [
  'username',
  'password',
  'privateKey',
  'publicKey',
  'certificate',
  'hostKey',
] as const satisfies readonly (keyof EndpointCredentials)[];

/** Which fields a way to sign in shows, besides the host key that every SSH endpoint may pin. */
const SHOWN: Readonly<Record<CredentialsType, readonly DraftField[]>> = {
  NONE: [],
  PASS_ONLY: ['password'],
  USER_PASS: ['username', 'password'],
  KEY_PAIR: ['username', 'privateKey', 'publicKey'],
  CERTIFICATE: ['username', 'privateKey', 'certificate'],
};

/** An endpoint while it is written: what the form shows, what is wrong with it, what is sent. */
export class EndpointDraft {
  constructor(
    /** The endpoint that is edited; none when one is added. */
    private readonly stored?: Endpoint,
  ) {}

  /** What the form starts with. Secrets never come back from the service. */
  start(protocol: Protocol = this.stored?.protocol ?? 'SSH'): DraftValue {
    const { stored } = this;
    const credentials = stored?.credentials;
    return {
      name: stored?.name ?? '',
      protocol,
      hostname: stored?.hostname ?? '',
      port: String(stored?.port ?? DEFAULT_PORTS[protocol] ?? ''),
      credentialsType: credentials?.type ?? usualCredentials(protocol),
      username: credentials?.username ?? '',
      password: '',
      privateKey: '',
      publicKey: credentials?.publicKey ?? '',
      certificate: credentials?.certificate ?? '',
      hostKey: credentials?.hostKey ?? '',
    };
  }

  /** Fields that the chosen protocol and way to sign in have. */
  shows(value: DraftValue, field: DraftField): boolean {
    return field === 'hostKey'
      ? value.protocol === 'SSH'
      : SHOWN[value.credentialsType].includes(field);
  }

  /** Whether a secret may be left empty because the stored one serves on. */
  keeps(value: DraftValue, field: SecretField): boolean {
    const credentials = this.stored?.credentials;
    return Boolean(credentials?.[field]) && this.changedSinceStored(value) === undefined;
  }

  problems(value: DraftValue): Problems {
    const problems: Problems = {};
    if (!value.name.trim()) problems.name = { text: gettext('Enter a name.') };
    else if (value.name.length > LIMITS.name) problems.name = tooLong(LIMITS.name);

    const hostname = value.hostname.trim();
    if (!hostname) problems.hostname = { text: gettext('Enter a host name or an IP address.') };
    else if (/\s|[/\\@]/.test(hostname)) {
      problems.hostname = { text: gettext('Enter only the host, without protocol, path or user.') };
    } else if (hostname.length > LIMITS.hostname) problems.hostname = tooLong(LIMITS.hostname);

    const port = Number(value.port);
    if (!/^\d{1,5}$/.test(value.port.trim()) || port < LIMITS.minPort || port > LIMITS.maxPort) {
      problems.port = { text: gettext('Enter a port from 1 to 65535.') };
    }
    for (const field of MANDATORY_CREDENTIALS[value.credentialsType]) {
      const words = this.problemOfMandatory(value, field);
      if (words) problems[field] = words;
    }
    for (const field of ['username', 'password'] as const) {
      if (value[field].length > LIMITS[field]) problems[field] = tooLong(LIMITS[field]);
    }
    for (const field of ['privateKey', 'publicKey', 'certificate', 'hostKey'] as const) {
      if (value[field].length > LIMITS.key) problems[field] = tooLong(LIMITS.key);
    }
    return problems;
  }

  /** The request body. A secret that is left out stays as it is stored. */
  body(value: DraftValue): EndpointBody {
    const body: EndpointBody = {
      name: value.name.trim(),
      hostname: value.hostname.trim(),
      port: Number(value.port),
      protocol: value.protocol,
      credentialsType: value.credentialsType,
    };
    for (const field of CREDENTIAL_FIELDS) {
      if (!this.shows(value, field) || !value[field]) continue;
      body[field] = field === 'password' ? value[field] : value[field].trim();
    }
    if (this.stored?.attrs) body.attrs = this.stored.attrs;
    return body;
  }

  private problemOfMandatory(
    value: DraftValue,
    field: (typeof CREDENTIAL_FIELDS)[number],
  ): Words | undefined {
    if (value[field].trim() || (field === 'password' && value.password)) return undefined;
    if (!isSecret(field)) return ENTER[field];
    if (this.keeps(value, field)) return undefined;
    const changed = this.stored?.credentials[field] ? this.changedSinceStored(value) : undefined;
    return changed ?? ENTER[field];
  }

  /**
   * Why a stored secret has to be entered again: the endpoint leads elsewhere now. The service
   * insists on it too, so that nobody sends a password they do not know to a host of theirs.
   */
  private changedSinceStored(value: DraftValue): Words | undefined {
    const { stored } = this;
    if (!stored) return undefined;
    const pinned = stored.credentials.hostKey ?? '';
    const elsewhere =
      stored.hostname !== value.hostname.trim() ||
      stored.port !== Number(value.port) ||
      stored.protocol !== value.protocol ||
      stored.credentials.type !== value.credentialsType ||
      (pinned !== '' && pinned.trim() !== value.hostKey.trim());
    return elsewhere
      ? { text: gettext('Enter it again: host, port, sign-in method or host key have changed.') }
      : undefined;
  }
}

/** The usual way to sign in to a protocol. */
export function usualCredentials(protocol: Protocol): CredentialsType {
  return CREDENTIALS_OF[protocol][0] ?? 'NONE';
}

const ENTER: Readonly<Record<(typeof CREDENTIAL_FIELDS)[number], Words>> = {
  username: { text: gettext('Enter a username.') },
  password: { text: gettext('Enter a password.') },
  privateKey: { text: gettext('Paste or upload a private key.') },
  publicKey: { text: gettext('Paste or upload a public key.') },
  certificate: { text: gettext('Paste or upload a certificate.') },
  hostKey: { text: gettext('Paste a host key.') },
};

function isSecret(field: string): field is SecretField {
  return (SECRET_FIELDS as readonly string[]).includes(field);
}

function tooLong(limit: number): Words {
  return {
    text: gettext('Enter at most {{ limit }} characters.'),
    values: { limit: String(limit) },
  };
}
