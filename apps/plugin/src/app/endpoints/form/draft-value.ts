import {
  CREDENTIALS_OF,
  DEFAULT_PORTS,
  type CredentialsType,
  type Encoding,
  type Endpoint,
  type Protocol,
} from '@remote-access/contracts';
import type { Words } from '../../ui/words';

/** What the form holds: texts as typed, and switches. */
export interface DraftValue {
  name: string;
  protocol: Protocol;
  hostname: string;
  port: string;
  credentialsType: CredentialsType;
  username: string;
  password: string;
  privateKey: string;
  /** Opens the private key; never stored. */
  passphrase: string;
  publicKey: string;
  certificate: string;
  hostKey: string;
  legacyAlgorithms: boolean;
  encoding: Encoding;
  viewOnly: boolean;
  shared: boolean;
}

export type DraftField = keyof DraftValue;
export type Problems = Partial<Record<DraftField, Words>>;

/** What the form starts with. Secrets never come back from the service. */
export function startValue(protocol: Protocol, stored?: Endpoint): DraftValue {
  const credentials = stored?.credentials;
  return {
    name: stored?.name ?? '',
    protocol,
    hostname: stored?.hostname ?? '',
    // A damaged entry has no port: 0.
    port: stored?.port ? String(stored.port) : usualPort(protocol),
    credentialsType: credentials?.type ?? usualCredentials(protocol),
    username: credentials?.username ?? '',
    password: '',
    privateKey: '',
    passphrase: '',
    publicKey: credentials?.publicKey ?? '',
    certificate: credentials?.certificate ?? '',
    hostKey: credentials?.hostKey ?? '',
    legacyAlgorithms: stored?.legacyAlgorithms ?? false,
    encoding: stored?.encoding ?? 'utf-8',
    viewOnly: stored?.viewOnly ?? false,
    // Who stands at the panel should not be thrown off it by somebody who connects.
    shared: stored?.shared ?? true,
  };
}

/** The usual way to sign in to a protocol. */
export function usualCredentials(protocol: Protocol): CredentialsType {
  return CREDENTIALS_OF[protocol][0] ?? 'NONE';
}

/** As the form shows it; empty where a protocol has none. */
export function usualPort(protocol: Protocol): string {
  return String(DEFAULT_PORTS[protocol] ?? '');
}
