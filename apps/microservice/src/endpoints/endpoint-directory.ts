import { Injectable } from '@nestjs/common';
import {
  type Endpoint,
  type EndpointId,
  isRefusal,
  type Refusal,
  RemoteAccessError,
  SECRET_FIELDS,
  type SecretField,
  type TenantId,
} from '@remote-access/contracts';
import type { Gateway } from '../access/gateway';
import { type SecretOpener, SecretVault } from '../secrets/secret-vault';
import { EndpointList, type StoredEntry } from './endpoint-list';

/** An endpoint as the API returns it. */
export interface EndpointView extends Endpoint {
  /** Only if the stored entry is damaged: what is wrong, for people. */
  damaged?: readonly string[];
  /** Only if stored secrets cannot be decrypted for this endpoint and must be entered again. */
  unreadable?: readonly SecretField[];
}

/** Reads the endpoints of a gateway that the caller may see. */
@Injectable()
export class EndpointDirectory {
  constructor(private readonly vault: SecretVault) {}

  /**
   * The endpoint to connect to, with its secrets still sealed.
   * @returns `endpoint-not-found`; `invalid-endpoint` if the stored entry is damaged
   */
  find(gateway: Gateway, id: EndpointId): Endpoint | Refusal {
    const entry = EndpointList.of(gateway.managedObject).find(id);
    if (!entry) return new RemoteAccessError('endpoint-not-found');
    if (entry.damage.length === 0) return entry.endpoint;
    const detail = `The endpoint is damaged: ${entry.damage.join(', ')}. Edit it or remove it.`;
    return new RemoteAccessError('invalid-endpoint', { detail });
  }

  /** All endpoints, damaged ones marked. */
  list(gateway: Gateway): EndpointView[] {
    const { entries } = EndpointList.of(gateway.managedObject);
    return entries.map(entry => toEndpointView(entry, this.vault));
  }

  /** Like {@link list}, but also marks secrets that cannot be decrypted. */
  async checkedList(tenant: TenantId, gateway: Gateway): Promise<EndpointView[]> {
    const { entries } = EndpointList.of(gateway.managedObject);
    const open = await this.openerOf(tenant);
    return entries.map(entry => this.checked(tenant, gateway, entry, open));
  }

  /** A single endpoint, or `endpoint-not-found`. */
  async show(tenant: TenantId, gateway: Gateway, id: EndpointId): Promise<EndpointView | Refusal> {
    const entry = EndpointList.of(gateway.managedObject).find(id);
    if (!entry) return new RemoteAccessError('endpoint-not-found');
    return this.checked(tenant, gateway, entry, await this.openerOf(tenant));
  }

  /** `undefined` if the key cannot be read now; the list is shown all the same. */
  private async openerOf(tenant: TenantId): Promise<SecretOpener | undefined> {
    try {
      return await this.vault.openerOf(tenant);
    } catch (error) {
      if (error instanceof RemoteAccessError) return undefined;
      throw error;
    }
  }

  private checked(
    tenant: TenantId,
    { id: deviceId }: Gateway,
    entry: StoredEntry,
    open: SecretOpener | undefined,
  ): EndpointView {
    const { endpoint } = entry;
    const unreadable = SECRET_FIELDS.filter(field => {
      const stored = endpoint.credentials[field];
      return (
        stored !== null && open && isRefusal(open({ tenant, deviceId, endpoint }, field, stored))
      );
    });
    const view = toEndpointView(entry, this.vault);
    return unreadable.length > 0 ? { ...view, unreadable } : view;
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
