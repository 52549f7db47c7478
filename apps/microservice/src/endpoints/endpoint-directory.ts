import { Injectable } from '@nestjs/common';
import {
  type Endpoint,
  type EndpointId,
  isRefusal,
  type OutsideChange,
  type Refusal,
  RemoteAccessError,
  SECRET_FIELDS,
  type SecretField,
  type TenantId,
} from '@remote-access/contracts';
import type { Gateway } from '../access/gateway';
import { type SecretOpener, type SecretOwner, SecretVault } from '../secrets/secret-vault';
import { EndpointList, type StoredEntry } from './endpoint-list';
import { unknownFieldNames } from './endpoint-sealer';
import { entryTag } from './entry-tag';
import { type EntryChecker, EntryAuthenticity } from './entry-authenticity';

/** An endpoint as the API returns it. */
export interface EndpointView extends Endpoint {
  /** Only if the stored entry is damaged: descriptions of the problems for users. */
  damaged?: readonly string[];
  /** Only if the entry was changed outside the service and is not confirmed yet. */
  changed?: OutsideChange;
  /** Only if stored secrets cannot be decrypted for this endpoint and must be entered again. */
  unreadable?: readonly SecretField[];
}

/** An endpoint that may be connected to, with its secrets still sealed. */
export interface VerifiedEndpoint {
  readonly endpoint: Endpoint;
  /** Additional context that its password is bound to; see {@link SecretOwner}. */
  readonly binding: SecretOwner['binding'];
}

/** The checks of one request, with the tenant's keys loaded. */
interface Checks {
  readonly checker: EntryChecker;
  readonly open: SecretOpener;
}

/** Reads the endpoints of a gateway that the caller may see. */
@Injectable()
export class EndpointDirectory {
  constructor(
    private readonly vault: SecretVault,
    private readonly authenticity: EntryAuthenticity,
  ) {}

  /**
   * The endpoint to connect to.
   * @returns `endpoint-not-found`; `invalid-endpoint` if the stored entry is damaged;
   *   `endpoint-unconfirmed` if it was changed outside the service; `no-key-material` if that
   *   cannot be determined; `platform-…`
   */
  async find(
    tenant: TenantId,
    gateway: Gateway,
    id: EndpointId,
  ): Promise<VerifiedEndpoint | Refusal> {
    const entry = EndpointList.of(gateway.managedObject).find(id);
    if (!entry) return new RemoteAccessError('endpoint-not-found');
    if (entry.damage.length > 0) {
      const detail = `The endpoint is damaged: ${entry.damage.join(', ')}. Edit it or remove it.`;
      return new RemoteAccessError('invalid-endpoint', { detail });
    }
    const checker = await this.authenticity.checkerOf(tenant);
    const refusal = checker.refusalOf(gateway.id, entry);
    if (refusal) return refusal;
    const { binding } = checker.ownerOf(gateway.id, entry);
    return { endpoint: entry.endpoint, binding };
  }

  /** All endpoints; damaged ones are marked. */
  list(gateway: Gateway): EndpointView[] {
    const { entries } = EndpointList.of(gateway.managedObject);
    return entries.map(entry => toEndpointView(entry, this.vault));
  }

  /** Like {@link list}, but also marks outside changes and secrets that cannot be decrypted. */
  async checkedList(tenant: TenantId, gateway: Gateway): Promise<EndpointView[]> {
    const { entries } = EndpointList.of(gateway.managedObject);
    const checks = await this.checksOf(tenant);
    return entries.map(entry => this.checked(gateway, entry, checks));
  }

  /** A single endpoint, or `endpoint-not-found`. */
  async show(tenant: TenantId, gateway: Gateway, id: EndpointId): Promise<EndpointView | Refusal> {
    const entry = EndpointList.of(gateway.managedObject).find(id);
    if (!entry) return new RemoteAccessError('endpoint-not-found');
    return this.checked(gateway, entry, await this.checksOf(tenant));
  }

  /** The entity tag of an existing endpoint. */
  tagOf(gateway: Gateway, id: EndpointId): string | undefined {
    const entry = EndpointList.of(gateway.managedObject).find(id);
    return entry && entryTag(entry);
  }

  /** `undefined` if the key cannot be read now; the list is shown nonetheless. */
  private async checksOf(tenant: TenantId): Promise<Checks | undefined> {
    try {
      const checker = await this.authenticity.checkerOf(tenant);
      return { checker, open: await this.vault.openerOf(tenant) };
    } catch (error) {
      if (error instanceof RemoteAccessError) return undefined;
      throw error;
    }
  }

  private checked(
    { id: deviceId }: Gateway,
    entry: StoredEntry,
    checks: Checks | undefined,
  ): EndpointView {
    const view = toEndpointView(entry, this.vault);
    if (!checks) return view;
    const { checker, open } = checks;
    const { credentials } = entry.endpoint;
    const isChanged = checker.stateOf(deviceId, entry) === 'changed';
    const owner = checker.ownerOf(deviceId, entry);
    const unreadable = SECRET_FIELDS.filter(field => {
      const stored = credentials[field];
      return stored !== null && isRefusal(open(owner, field, stored));
    });
    const otherFields = unknownFieldNames(entry);
    const changed: OutsideChange = {
      seen: checker.seenOf(deviceId, entry),
      ...(otherFields.length > 0 ? { otherFields } : {}),
    };
    return {
      ...view,
      ...(isChanged ? { changed } : {}),
      ...(unreadable.length > 0 ? { unreadable } : {}),
    };
  }
}

/** The nested form, with placeholders instead of secrets. */
export function toEndpointView(
  { endpoint, damage }: StoredEntry,
  vault: Pick<SecretVault, 'placeholder'>,
): EndpointView {
  const credentials = { ...endpoint.credentials };
  for (const field of SECRET_FIELDS) {
    const sealed = credentials[field];
    credentials[field] = sealed === null ? null : vault.placeholder(sealed);
  }
  return { ...endpoint, credentials, ...(damage.length > 0 ? { damaged: damage } : {}) };
}
