import { Secret } from '@remote-access/settings';
import type { Profile } from './profiles';

/** The name that the operating system's tools show for the entries. */
const SERVICE = 'remote-access';

/** The stored secret: a password, which renews the sign-in, or a token for users with a second factor. */
export interface StoredSecret {
  readonly kind: 'password' | 'token';
  readonly secret: Secret;
}

/**
 * The operating system's store: Keychain, Credential Manager, or the Secret Service of a Linux
 * desktop. If there is none, nothing is stored: any program of the user could read a file.
 */
export class SecretStore {
  async read(profile: Profile): Promise<StoredSecret | undefined> {
    const text = await this.attempt(async () => (await entryOf(profile)).getPassword());
    if (!text) return undefined;
    const [, kind, secret = ''] = /^(password|token):([\s\S]*)$/.exec(text) ?? [];
    if (kind !== 'password' && kind !== 'token') return undefined;
    return { kind, secret: new Secret(secret) };
  }

  /** @returns whether the secret is stored */
  async write(profile: Profile, { kind, secret }: StoredSecret): Promise<boolean> {
    const written = await this.attempt(async () => {
      (await entryOf(profile)).setPassword(`${kind}:${secret.reveal()}`);
      return true;
    });
    return written ?? false;
  }

  async remove(profile: Profile): Promise<void> {
    await this.attempt(async () => (await entryOf(profile)).deletePassword());
  }

  private async attempt<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await work();
    } catch {
      // If the machine has no store, or it is locked, nothing is stored.
      return undefined;
    }
  }
}

/**
 * The entry is bound to the address and the user, not to the profile's name: editing the profiles
 * file must not cause a secret to be sent to another address.
 */
async function entryOf({ url, tenant, user }: Profile) {
  const { Entry } = await import('@napi-rs/keyring');
  return new Entry(SERVICE, `${tenant ? `${tenant}/` : ''}${user} at ${url}`);
}
