import { Injectable } from '@nestjs/common';
import { RemoteAccessError, type Endpoint, type EndpointId } from '@remote-access/contracts';
import type { Gateway } from '../access/gateway';
import type { Refusal } from '../access/refusal';
import { CredentialVault } from '../credentials/credential-vault';
import { EndpointList } from './endpoint-list';
import { shownEndpoint, type ShownEndpoint } from './shown-endpoint';

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

  /** One endpoint as the API shows it, or `endpoint-not-found`. */
  show(gateway: Gateway, id: EndpointId): ShownEndpoint | Refusal {
    const entry = EndpointList.of(gateway.managedObject).find(id);
    return entry ? shownEndpoint(entry, this.vault) : new RemoteAccessError('endpoint-not-found');
  }
}
