import { Injectable } from '@nestjs/common';
import {
  type DeviceId,
  type EndpointCredentials,
  isRefusal,
  type Refusal,
  RemoteAccessError,
  SECRET_FIELDS,
  type SecretField,
  type TenantId,
} from '@remote-access/contracts';
import type { Secret } from '@remote-access/settings';
import { bindingOf, entryMac, type RawEntry } from '../secrets/entry-mac';
import { KeyRing } from '../secrets/key-ring';
import { sealedWith } from '../secrets/sealed-text';
import { isSameContext, type SecretOwner, SecretVault } from '../secrets/secret-vault';
import { isObject } from './body-reader';
import { StoredEntry } from './endpoint-list';
import { EntryAuthenticity } from './entry-authenticity';

/** The entry that a new one takes over from. */
export interface EntryBase {
  readonly entry: StoredEntry;
  /** The context that its secrets are bound to. */
  readonly owner: SecretOwner;
  /**
   * `verified`: the service wrote it. `confirmed`: another program wrote it, and a user has
   * confirmed it. `discarded`: another program wrote it; only a private key that can still be
   * unsealed is kept.
   */
  readonly trust: 'verified' | 'confirmed' | 'discarded';
}

/** A secret for an entry: a new one, or the text that an entry already has. */
export type SecretSource =
  | { readonly secret: Secret; readonly stored?: undefined }
  | { readonly stored: string; readonly owner: SecretOwner; readonly secret?: undefined };

export type SecretSources = Partial<Record<SecretField, SecretSource>>;

/** All fields of an entry. Its secrets come from {@link SecretSources}. */
type UnsealedEntry = RawEntry & { readonly credentials: RawEntry };

export interface BuiltEntry {
  readonly entry: StoredEntry;
  /** Stored secrets that cannot be unsealed. Their texts are kept unchanged. */
  readonly unusable: readonly SecretField[];
}

/** How {@link EntryBuilder.renew} differs from a mere copy. */
export interface Renewal {
  readonly hostKey?: string;
  /** Sets the option if it is true. */
  readonly allowUnencryptedSignIn?: boolean;
  /** Replaces the stored one. */
  readonly password?: Secret;
  /** Seals secrets again that were sealed with an older key. */
  readonly withCurrentKey?: boolean;
}

/** Builds entries that can be stored, sealed and authenticated. Nothing else may build entries. */
@Injectable()
export class EntryBuilder {
  constructor(
    private readonly vault: SecretVault,
    private readonly keys: KeyRing,
    private readonly authenticity: EntryAuthenticity,
  ) {}

  /** @returns `no-key-material` */
  async build(
    tenant: TenantId,
    deviceId: DeviceId,
    fields: UnsealedEntry,
    sources: SecretSources,
    withCurrentKey = false,
  ): Promise<BuiltEntry | Refusal> {
    const { id, endpoint } = new StoredEntry(withSecrets(fields, {}));
    const place = { tenant, deviceId, id };
    const owner = { tenant, deviceId, endpoint, binding: bindingOf(place, fields) };
    const key = await this.keys.sealingKeyOf(tenant);
    if (!key) return this.buildWithoutKey(fields, sources, { ...owner, binding: null });
    const unusable: SecretField[] = [];
    const texts: Partial<Record<SecretField, string>> = {};
    for (const field of SECRET_FIELDS) {
      const source = sources[field];
      if (!source) continue;
      const secret =
        source.stored === undefined
          ? source.secret
          : await this.vault.open(source.owner, field, source.stored);
      const stays =
        source.stored !== undefined &&
        isSameContext(source.owner, owner, field) &&
        !(withCurrentKey && sealedWith(source.stored)?.keyId !== key.id);
      if (isRefusal(secret)) unusable.push(field);
      const text =
        isRefusal(secret) || stays ? source.stored : await this.vault.seal(owner, field, secret);
      if (isRefusal(text)) return text;
      if (text !== undefined) texts[field] = text;
    }
    const entry = withSecrets(fields, texts);
    return { entry: new StoredEntry({ ...entry, mac: entryMac(key, place, entry) }), unusable };
  }

  /** The same entry, sealed and authenticated again. */
  renew(
    { entry, owner }: Pick<EntryBase, 'entry' | 'owner'>,
    { hostKey, allowUnencryptedSignIn, password, withCurrentKey }: Renewal = {},
  ): Promise<BuiltEntry | Refusal> {
    const { fields, endpoint } = entry;
    const credentials: RawEntry = isObject(fields['credentials']) ? fields['credentials'] : {};
    const sources: SecretSources = {};
    for (const field of SECRET_FIELDS) {
      const stored = endpoint.credentials[field];
      if (stored !== null) sources[field] = { stored, owner };
    }
    if (password) sources.password = { secret: password };
    const changed = hostKey === undefined ? credentials : { ...credentials, hostKey };
    return this.build(
      owner.tenant,
      owner.deviceId,
      {
        ...fields,
        ...(allowUnencryptedSignIn ? { allowUnencryptedSignIn } : {}),
        credentials: changed,
      },
      sources,
      withCurrentKey,
    );
  }

  /**
   * Entries of a tenant without key material keep the old form until there is some, and cannot get
   * new secrets.
   */
  private async buildWithoutKey(
    raw: UnsealedEntry,
    sources: SecretSources,
    owner: SecretOwner,
  ): Promise<BuiltEntry | Refusal> {
    const texts: Partial<Record<SecretField, string>> = {};
    for (const field of SECRET_FIELDS) {
      const source = sources[field];
      if (!source) continue;
      const stays = source.stored !== undefined && isSameContext(source.owner, owner, field);
      if (!stays) return new RemoteAccessError('no-key-material');
      texts[field] = source.stored;
    }
    return (await this.authenticity.acceptsOldForm(owner.tenant))
      ? { entry: new StoredEntry(withSecrets(raw, texts)), unusable: [] }
      : new RemoteAccessError('no-key-material');
  }
}

function withSecrets(
  raw: UnsealedEntry,
  { password = null, privateKey = null }: Partial<Pick<EndpointCredentials, SecretField>>,
): UnsealedEntry {
  return { ...raw, credentials: { ...raw.credentials, password, privateKey } };
}
