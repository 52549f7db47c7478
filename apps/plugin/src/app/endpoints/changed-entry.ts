import type { OutsideChange } from '@remote-access/contracts';
import { gettext } from '../ui/message';
import type { EndpointEntry } from './endpoint-client';

/** An endpoint that was changed outside the service, as a user has seen it. */
export type ChangedEntry = EndpointEntry & { readonly changed: OutsideChange };

/** Whether a user can confirm an endpoint; a damaged one has to be edited. */
export function isConfirmable(endpoint: EndpointEntry): endpoint is ChangedEntry {
  return endpoint.changed !== undefined && endpoint.damaged === undefined;
}

/** Whether the stored password was entered for another state of the endpoint. */
export function needsPassword({ unreadable }: ChangedEntry): boolean {
  return unreadable?.includes('password') ?? false;
}

/** Options after which more can happen to whoever connects. */
export function weakOptionsOf(endpoint: ChangedEntry): string[] {
  const { protocol, credentials, legacyAlgorithms, allowUnencryptedSignIn, viewOnly } = endpoint;
  return [
    ...(protocol === 'SSH' && credentials.hostKey === null
      ? [gettext('No host key: any server is accepted')]
      : []),
    ...(legacyAlgorithms ? [gettext('Weak algorithms are allowed')] : []),
    ...(allowUnencryptedSignIn ? [gettext('Username and password may be sent unencrypted')] : []),
    ...(protocol === 'VNC' && !viewOnly ? [gettext('Keyboard and mouse are sent')] : []),
  ];
}
