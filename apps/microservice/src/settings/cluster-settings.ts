import type { SettingsReader } from '@remote-access/settings';
import { Secret } from '@remote-access/settings';

/** How to reach the NATS server. */
export interface BrokerSettings {
  /** `host:port` of each server, without credentials. */
  readonly servers: readonly string[];
  readonly user: string | undefined;
  readonly password: Secret | undefined;
  readonly token: Secret | undefined;
  /** A file written by `nsc`, with a JWT and a seed. */
  readonly credentialsFile: string | undefined;
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  /** Whether TLS is required, regardless of what the server announces. */
  readonly isEncrypted: boolean;
}

/** Settings for working with other replicas. */
export interface ClusterSettings {
  readonly broker: BrokerSettings;
  /** The address on which other replicas connect; port 0 picks a free one. */
  readonly host: string;
  readonly port: number;
  /** The address under which other replicas reach it, if different from `host`. */
  readonly address: string | undefined;
}

const SCHEMES = ['nats:', 'tls:'];

/** @returns `undefined` without NATS_URL: then there is one replica */
export function readClusterSettings(
  reader: SettingsReader,
  serverHost: string,
): ClusterSettings | undefined {
  const urls = reader.list('NATS_URL').flatMap(text => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url && SCHEMES.includes(url.protocol) && url.hostname && isDecodable(url)) return [url];
    reader.problem('NATS_URL is not a nats or tls URL');
    return [];
  });
  const [first] = urls;
  if (!first) return undefined;
  const secret = (name: string, fallback = ''): Secret | undefined => {
    const text = reader.optional(name) ?? decodeURIComponent(fallback);
    return text === '' ? undefined : new Secret(text);
  };
  // A user without a password in the URL is a token, as in other NATS clients.
  const isToken = first.username !== '' && first.password === '';
  const userInUrl = isToken ? '' : decodeURIComponent(first.username);
  const user = reader.optional('NATS_USER') ?? (userInUrl || undefined);
  const isEncrypted = first.protocol === 'tls:';
  return {
    broker: {
      servers: urls.map(({ host }) => host),
      user,
      password: secret('NATS_PASSWORD', first.password),
      token: secret('NATS_TOKEN', isToken ? first.username : ''),
      credentialsFile: reader.optional('NATS_CREDENTIALS'),
      caFile: reader.optional('NATS_CA'),
      certFile: reader.optional('NATS_CERT'),
      keyFile: reader.optional('NATS_KEY'),
      isEncrypted,
    },
    host: reader.text('CLUSTER_HOST', serverHost),
    port: reader.port('CLUSTER_PORT', 0),
    address: reader.optional('CLUSTER_ADDRESS'),
  };
}

/** Whether each `%` in user and password begins an encoded character. */
function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}
