import { addressText, type Endpoint, isRefusal, printable } from '@remote-access/contracts';
import { PinnedHostKeys } from '@remote-access/ssh-keys';

/** A change that exposes connecting users to greater risk. */
interface Weakening {
  /** A clause without a period: `the host key is removed`. */
  readonly text: string;
  readonly applies: (before: Endpoint, after: Endpoint) => boolean;
}

/** Each one requires a stored password to be entered again, and is named in the audit log. */
const WEAKENINGS: readonly Weakening[] = [
  {
    text: 'the host key is removed',
    applies: (before, after) => hasPin(before) && !hasPin(after),
  },
  {
    text: 'the host key is replaced',
    applies: (before, after) => hasPin(before) && hasPin(after) && acceptsOtherKeys(before, after),
  },
  {
    text: 'a host key is no longer marked as revoked',
    applies: trustsRevoked,
  },
  {
    text: 'weak algorithms are allowed',
    applies: (before, after) => after.legacyAlgorithms === true && !before.legacyAlgorithms,
  },
  {
    text: 'unencrypted sign-in is allowed',
    applies: (before, after) =>
      after.allowUnencryptedSignIn === true && !before.allowUnencryptedSignIn,
  },
  {
    text: 'view only is switched off',
    applies: (before, after) => before.viewOnly === true && !after.viewOnly,
  },
  {
    text: 'the command is changed',
    applies: (before, after) => before.command !== undefined && before.command !== after.command,
  },
];

/** Descriptions of what a change of an endpoint weakens; empty if nothing. */
export function weakeningsOf(before: Endpoint, after: Endpoint): string[] {
  return WEAKENINGS.filter(({ applies }) => applies(before, after)).map(({ text }) => text);
}

/**
 * A stored password is only ever sent where it was meant to go when it was entered, to a server
 * that is verified at least as strictly; otherwise anyone who may edit endpoints could have it sent
 * to a host of their own.
 * @returns why the password must be entered again; `undefined` if it may be kept
 */
export function passwordReentryReason(before: Endpoint, after: Endpoint): string | undefined {
  const changes = {
    host: before.hostname !== after.hostname,
    port: before.port !== after.port,
    protocol: before.protocol !== after.protocol,
    'sign-in method': before.credentials.type !== after.credentials.type,
  };
  const changed = Object.entries(changes).filter(([, differs]) => differs);
  const names = changed.map(([name]) => name).join(', ');
  const reasons = [
    ...(names === '' ? [] : [`with a new ${names}`]),
    ...weakeningsOf(before, after).map(text => `when ${text}`),
  ];
  return reasons.length === 0
    ? undefined
    : `Enter the password again: the stored one is not kept ${reasons.join(' and ')}`;
}

/** Where an endpoint leads and whom it trusts, for the audit log. */
export function trustSentence({ name, protocol, hostname, port, ...endpoint }: Endpoint): string {
  const { type, username, hostKey } = endpoint.credentials;
  const user = username === null ? '' : `, user ${printable(username)}`;
  const options = [
    ...(endpoint.legacyAlgorithms ? ['weak algorithms allowed'] : []),
    ...(endpoint.allowUnencryptedSignIn ? ['unencrypted sign-in allowed'] : []),
    ...(endpoint.viewOnly ? ['view only'] : []),
    ...(endpoint.command === undefined ? [] : [`command "${printable(endpoint.command)}"`]),
  ].map(option => `, ${option}`);
  const address = addressText({ hostname: printable(hostname), port });
  const place = `${protocol} ${address}, ${type}${user}`;
  return `Endpoint "${printable(name)}" (${place}, ${pinsText(hostKey)}${options.join('')})`;
}

function pinsText(hostKey: string | null): string {
  if (hostKey === null) return 'no host key';
  const pins = pinsOf(hostKey);
  if (!pins) return 'unreadable host key';
  const names = [
    ...pins.all.map(key => `${key.shortName} ${key.sha256}`),
    ...pins.revoked.map(key => `not ${key.shortName} ${key.sha256}, which is revoked`),
  ];
  return `host key ${names.join(', ')}`;
}

/** An unreadable value counts as a pinned key: nobody can connect with it. */
function hasPin({ credentials }: Endpoint): boolean {
  return pinsOf(credentials.hostKey)?.isEmpty !== true;
}

/** Removing keys is stricter. Unreadable values are compared as they are. */
function acceptsOtherKeys(before: Endpoint, after: Endpoint): boolean {
  const [old, now] = [before.credentials.hostKey, after.credentials.hostKey];
  if (old === now) return false;
  const [oldPins, newPins] = [pinsOf(old), pinsOf(now)];
  return !oldPins || !newPins || newPins.all.some(key => !oldPins.has(key));
}

function trustsRevoked(before: Endpoint, after: Endpoint): boolean {
  const newPins = pinsOf(after.credentials.hostKey);
  const revoked = pinsOf(before.credentials.hostKey)?.revoked ?? [];
  return revoked.some(key => newPins?.isRevoked(key) !== true);
}

function pinsOf(hostKey: string | null): PinnedHostKeys | undefined {
  try {
    return PinnedHostKeys.parse(hostKey);
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}
