import { Injectable } from '@nestjs/common';
import {
  type Endpoint,
  type EndpointId,
  isRefusal,
  type Refusal,
  RemoteAccessError,
  SECRET_FIELDS,
  type TenantId,
} from '@remote-access/contracts';
import type { Gateway } from '../access/gateway';
import { CredentialVault, type SecretOpener } from '../credentials/credential-vault';
import { EndpointList } from './endpoint-list';
import { shownEndpoint, type ShownEndpoint } from './shown-endpoint';
import type { StoredEntry } from './stored-entry';

/** Reads endpoints off a gateway that the caller has been found to see. */
@Injectable()
export class EndpointDirectory {
  constructor(private readonly vault: CredentialVault) {}

  /**
   * The endpoint to connect to. Its secrets are sealed texts; CredentialVault opens them.
   * @returns `endpoint-not-found`; `invalid-endpoint` where the stored entry is damaged
   */
  find(gateway: Gateway, id: EndpointId): Endpoint | Refusal {
    const entry = EndpointList.of(gateway.managedObject).find(id);
    if (!entry) return new RemoteAccessError('endpoint-not-found');
    if (entry.damage.length === 0) return entry.endpoint;
    const detail = `The endpoint is damaged: ${entry.damage.join(', ')}. Edit it or remove it.`;
    return new RemoteAccessError('invalid-endpoint', { detail });
  }

  /** All endpoints as the API shows them, damaged ones marked. */
  list(gateway: Gateway): ShownEndpoint[] {
    const { entries } = EndpointList.of(gateway.managedObject);
    return entries.map(entry => shownEndpoint(entry, this.vault));
  }

  /** As {@link list}, secrets that do not open marked too. */
  async checkedList(tenant: TenantId, gateway: Gateway): Promise<ShownEndpoint[]> {
    const { entries } = EndpointList.of(gateway.managedObject);
    const open = await this.openerOf(tenant);
    return entries.map(entry => this.checked(tenant, gateway, entry, open));
  }

  /** One endpoint as the API shows it, or `endpoint-not-found`. */
  async show(tenant: TenantId, gateway: Gateway, id: EndpointId): Promise<ShownEndpoint | Refusal> {
    const entry = EndpointList.of(gateway.managedObject).find(id);
    if (!entry) return new RemoteAccessError('endpoint-not-found');
    return this.checked(tenant, gateway, entry, await this.openerOf(tenant));
  }

  /** `undefined` where the platform does not tell the key now: no reason to show no list. */
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
  ): ShownEndpoint {
    const { endpoint } = entry;
    const unreadable = SECRET_FIELDS.filter(field => {
      const stored = endpoint.credentials[field];
      return (
        stored !== null && open && isRefusal(open({ tenant, deviceId, endpoint }, field, stored))
      );
    });
    const shown = shownEndpoint(entry, this.vault);
    return unreadable.length > 0 ? { ...shown, unreadable } : shown;
  }
}
