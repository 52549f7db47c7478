import { addressText, type WatchRequest, type Endpoint } from '@remote-access/contracts';
import { plainLine } from '../ui/plain-text';

/** Where a session leads, and how it is opened. */
export interface SessionTarget {
  readonly deviceId: string;
  /** The name of the gateway. */
  readonly gateway: string;
  readonly endpointId: string;
  /** The session of another user whose desktop is shown. */
  readonly watch?: WatchRequest;
  /** A session in another window that continues here. */
  readonly takeOver?: string;
}

/** The maximum length of a part that a title or a bar has room for. */
const MAX_PART = 200;

/** Where a session leads, e.g. `root@10.0.0.7:22`; without the user if none is stored. */
export function addressOf(endpoint: Endpoint): string {
  const { username } = endpoint.credentials;
  const address = addressText(endpoint);
  return plainLine(username ? `${username}@${address}` : address, MAX_PART);
}

/** Names a session for a browser tab, most distinctive part first. */
export function windowTitle(endpoint: Endpoint, gateway: string): string {
  return [endpoint.name, addressOf(endpoint), gateway]
    .map(part => plainLine(part, MAX_PART))
    .filter(part => part !== '')
    .join(' – ');
}
