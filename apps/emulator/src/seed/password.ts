import { randomBytes } from 'node:crypto';
import type { Store } from '../store/store';

/** Five bits per character, without letters that look like digits. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';

/** 100 random bits, in groups that can be typed. */
const GROUPS = 4;
const GROUP_LENGTH = 5;

/** What data files without a password were seeded with. It was published. */
const FORMER_PASSWORD = 'remote-access';

export function randomPassword(): string {
  const characters = Array.from(randomBytes(GROUPS * GROUP_LENGTH), byte => ALPHABET[byte & 31]);
  return Array.from({ length: GROUPS }, (_, group) =>
    characters.slice(group * GROUP_LENGTH, (group + 1) * GROUP_LENGTH).join(''),
  ).join('-');
}

/** Gives the password to everyone who still has the one of the last start. */
export function changePassword(store: Store, password: string): void {
  const former = store.password ?? FORMER_PASSWORD;
  store.password = password;
  for (const { accounts } of store.listTenants()) {
    for (const account of accounts.list()) {
      if (account.kind !== 'service' && account.password === former) {
        accounts.put({ ...account, password });
      }
    }
  }
}
