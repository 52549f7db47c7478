import type { SecretField } from '@remote-access/contracts';
import type { StoredEntry } from './stored-entry';

/** One sentence for the audit log on what a write did; names of secrets, never a secret. */
export function changeSentence(
  before: StoredEntry | undefined,
  after: StoredEntry,
  replaced: readonly SecretField[],
): string {
  const { name, protocol, hostname, port, credentials } = after.endpoint;
  const what = `"${name}" (${protocol} ${hostname}:${port}, ${credentials.type})`;
  const secrets = replaced.length > 0 ? `; secrets set: ${replaced.join(', ')}` : '';
  if (!before) return `Endpoint ${what} added${secrets}`;
  const changed = changedFields(before, after);
  const fields = changed.length > 0 ? `; changed: ${changed.join(', ')}` : '';
  return `Endpoint ${what} changed${fields}${secrets}`;
}

function changedFields(before: StoredEntry, after: StoredEntry): string[] {
  const { credentials: signInBefore, ...plainBefore } = before.endpoint;
  const { credentials: signInAfter, ...plainAfter } = after.endpoint;
  return [...differing(plainBefore, plainAfter), ...differing(signInBefore, signInAfter)];
}

function differing(before: object, after: object): string[] {
  const one = new Map(Object.entries(before));
  const other = new Map(Object.entries(after));
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].filter(
    name => JSON.stringify(one.get(name)) !== JSON.stringify(other.get(name)),
  );
}
