import type { OutsideChange } from '@remote-access/contracts';
import { gettext } from '../ui/message';
import type { EndpointEntry } from './endpoint-client';

/** An endpoint that was changed outside the service, as a user has seen it. */
export type ChangedEntry = EndpointEntry & { readonly changed: OutsideChange };

/** Whether a user can confirm an endpoint; a damaged one must be edited instead. */
export function isConfirmable(endpoint: EndpointEntry): endpoint is ChangedEntry {
  return endpoint.changed !== undefined && endpoint.damaged === undefined;
}

/** Whether the stored password was entered for a different state of the endpoint. */
export function needsPassword({ unreadable }: ChangedEntry): boolean {
  return unreadable?.includes('password') ?? false;
}

/** Options that expose connecting users to greater risk. */
export function weakOptionsOf(endpoint: ChangedEntry): string[] {
  const { protocol, credentials, legacyAlgorithms, allowUnencryptedSignIn, viewOnly } = endpoint;
  return [
    ...(protocol === 'SSH' && !hasTrustedKey(credentials.hostKey)
      ? [gettext('No host key: any server is accepted')]
      : []),
    ...(legacyAlgorithms ? [gettext('Weak algorithms are allowed')] : []),
    ...(allowUnencryptedSignIn ? [gettext('Username and password may be sent unencrypted')] : []),
    ...(protocol === 'VNC' && !viewOnly ? [gettext('Keyboard and mouse are sent')] : []),
  ];
}

/** Lines of revoked keys are also stored, but establish no trust. */
function hasTrustedKey(hostKey: string | null): boolean {
  const lines = (hostKey ?? '').split(/\r?\n/).map(line => line.trim());
  return lines.some(line => line !== '' && !line.startsWith('@revoked '));
}

/** Terminal options that are set, with the values that will be used. */
export function terminalOptionsOf(endpoint: ChangedEntry): { label: string; value: string }[] {
  const options = [
    { label: gettext('Command to run'), value: endpoint.command },
    { label: gettext('Locale'), value: endpoint.locale },
    { label: gettext('Character encoding'), value: endpoint.encoding },
    { label: gettext('Backspace key sends'), value: endpoint.backspace },
    { label: gettext('Delete key sends'), value: endpoint.deleteKey },
    { label: gettext('Home and End send'), value: endpoint.homeEnd },
    { label: gettext('Function keys'), value: endpoint.functionKeys },
    { label: gettext('Local echo'), value: endpoint.localEcho ? '✓' : undefined },
  ];
  return options.flatMap(({ label, value }) => (value === undefined ? [] : [{ label, value }]));
}
