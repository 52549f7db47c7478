import { Injectable } from '@nestjs/common';
import {
  type DeviceId,
  type Refusal,
  RemoteAccessError,
  type TenantId,
} from '@remote-access/contracts';
import { type EntryPlace, bindingOf, digestOf, isAuthentic } from '../secrets/entry-mac';
import { KeyRing } from '../secrets/key-ring';
import { type SealingKey, sealedWith } from '../secrets/sealed-text';
import type { SecretOwner } from '../secrets/secret-vault';
import { TenantOptions } from '../tenant-settings/tenant-options';
import type { StoredEntry } from './endpoint-list';

/**
 * `old`: written before entries were authenticated, as long as such entries are accepted.
 * `changed`: written by something other than this service.
 */
export type EntryState = 'authentic' | 'old' | 'changed';

const OTHER_STATE =
  'The endpoint is no longer as you have seen it. Reload and check it again before you confirm it.';

const NO_KEY =
  'This endpoint cannot be checked, because the service has no key for your tenant. Contact your administrator.';

/** Distinguishes entries written by the service from those that other programs wrote or changed. */
@Injectable()
export class EntryAuthenticity {
  /** Tenants whose entries in the old form are no longer accepted. */
  private readonly closed = new Set<TenantId>();

  constructor(
    private readonly keys: KeyRing,
    private readonly options: TenantOptions,
  ) {}

  /** @throws RemoteAccessError if the tenant's options cannot be read: then nothing is accepted */
  async checkerOf(tenant: TenantId): Promise<EntryChecker> {
    const keys = await this.keys.keysOf(tenant);
    return new EntryChecker(tenant, keys, await this.acceptsOldForm(tenant));
  }

  /** Whether entries written before entries were authenticated are still accepted. */
  async acceptsOldForm(tenant: TenantId): Promise<boolean> {
    return !this.closed.has(tenant) && !(await this.isClosed(tenant));
  }

  /** Whether the tenant's option says that the old form is refused for good. */
  async isClosed(tenant: TenantId): Promise<boolean> {
    const isClosed = await this.options.areEndpointsAuthenticated(tenant);
    if (isClosed) this.closed.add(tenant);
    return isClosed;
  }

  /**
   * Stops accepting the old form, in this process at once, and for good once the option is stored.
   * @throws RemoteAccessError if it cannot be stored
   */
  async closeOldForm(tenant: TenantId): Promise<void> {
    this.closed.add(tenant);
    await this.options.setEndpointsAuthenticated(tenant);
  }
}

/** Checks the entries of one tenant. */
export class EntryChecker {
  constructor(
    private readonly tenant: TenantId,
    private readonly keys: readonly SealingKey[],
    private readonly acceptsOldForm: boolean,
  ) {}

  /** Why an entry must not be used; `undefined` if the service wrote it. */
  refusalOf(deviceId: DeviceId, entry: StoredEntry): Refusal | undefined {
    if (this.stateOf(deviceId, entry) !== 'changed') return undefined;
    return this.keys.length > 0
      ? new RemoteAccessError('endpoint-unconfirmed')
      : new RemoteAccessError('no-key-material', { detail: NO_KEY });
  }

  stateOf(deviceId: DeviceId, entry: StoredEntry): EntryState {
    if (isAuthentic(this.keys, this.placeOf(deviceId, entry), entry.fields)) return 'authentic';
    return this.acceptsOldForm && isOldForm(entry) ? 'old' : 'changed';
  }

  /** The context that the entry's secrets are bound to. */
  ownerOf(deviceId: DeviceId, entry: StoredEntry): SecretOwner {
    const { tenant } = this;
    const isOld = this.stateOf(deviceId, entry) === 'old';
    const binding = isOld ? null : bindingOf(this.placeOf(deviceId, entry), entry.fields);
    return { tenant, deviceId, endpoint: entry.endpoint, binding };
  }

  /** @returns `conflict` if the entry has changed since the user saw it */
  outdated(deviceId: DeviceId, entry: StoredEntry, seen: unknown): Refusal | undefined {
    return seen === this.seenOf(deviceId, entry)
      ? undefined
      : new RemoteAccessError('conflict', { detail: OTHER_STATE });
  }

  /** Identifies the state of the entry that a user is shown. */
  seenOf(deviceId: DeviceId, entry: StoredEntry): string {
    return digestOf(this.placeOf(deviceId, entry), entry.fields);
  }

  private placeOf(deviceId: DeviceId, { id }: StoredEntry): EntryPlace {
    return { tenant: this.tenant, deviceId, id };
  }
}

/**
 * Without a code, and with secrets of the old form only: so removing the code of a current entry
 * does not make it an old one.
 */
function isOldForm({ fields, endpoint }: StoredEntry): boolean {
  if (Object.hasOwn(fields, 'mac') && fields['mac'] !== null) return false;
  const { password, privateKey } = endpoint.credentials;
  return [password, privateKey].every(text => text === null || sealedWith(text)?.form !== 'v2');
}
