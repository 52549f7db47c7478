import { Injectable } from '@nestjs/common';
import {
  RemoteAccessError,
  SECRET_FIELDS,
  type Endpoint,
  type EndpointId,
  type SecretField,
  type TenantId,
} from '@remote-access/contracts';
import type { Gateway } from '../access/gateway';
import { isRefusal, type Refusal } from '../access/refusal';
import { CredentialVault } from '../credentials/credential-vault';
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
  checkedList(tenant: TenantId, gateway: Gateway): Promise<ShownEndpoint[]> {
    const { entries } = EndpointList.of(gateway.managedObject);
    return Promise.all(entries.map(entry => this.checked(tenant, gateway, entry)));
  }

  /** One endpoint as the API shows it, or `endpoint-not-found`. */
  async show(tenant: TenantId, gateway: Gateway, id: EndpointId): Promise<ShownEndpoint | Refusal> {
    const entry = EndpointList.of(gateway.managedObject).find(id);
    if (!entry) return new RemoteAccessError('endpoint-not-found');
    return this.checked(tenant, gateway, entry);
  }

  private async checked(
    tenant: TenantId,
    gateway: Gateway,
    entry: StoredEntry,
  ): Promise<ShownEndpoint> {
    const unreadable = await this.unreadable(tenant, gateway, entry.endpoint);
    const shown = shownEndpoint(entry, this.vault);
    return unreadable.length > 0 ? { ...shown, unreadable } : shown;
  }

  private async unreadable(
    tenant: TenantId,
    { id: deviceId }: Gateway,
    endpoint: Endpoint,
  ): Promise<SecretField[]> {
    const unreadable: SecretField[] = [];
    for (const field of SECRET_FIELDS) {
      const stored = endpoint.credentials[field];
      if (stored === null) continue;
      try {
        const secret = await this.vault.open({ tenant, deviceId, endpoint }, field, stored);
        if (isRefusal(secret)) unreadable.push(field);
      } catch (error) {
        // The platform does not tell the key now: no reason to show no list, nor to say anything.
        if (!(error instanceof RemoteAccessError)) throw error;
      }
    }
    return unreadable;
  }
}
