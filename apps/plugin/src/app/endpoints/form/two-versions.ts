import type { Endpoint, EndpointBody } from '@remote-access/contracts';
import { gettext } from '../../ui/message';

/** A field in which the form and the stored endpoint differ. */
export interface Difference {
  readonly label: string;
  /** Empty for no value. */
  readonly mine: string;
  readonly theirs: string;
}

/** The fields of the form that can be shown, in the form's order. Secrets are never shown. */
const LABELS = {
  name: gettext('Name'),
  protocol: gettext('Protocol'),
  hostname: gettext('Host'),
  port: gettext('Port'),
  credentialsType: gettext('Sign-in method'),
  username: gettext('Username'),
  publicKey: gettext('Public key'),
  certificate: gettext('Certificate'),
  hostKey: gettext('Host key'),
  encoding: gettext('Character encoding'),
  command: gettext('Command to run'),
  locale: gettext('Locale'),
  backspace: gettext('Backspace key sends'),
  deleteKey: gettext('Delete key sends'),
  homeEnd: gettext('Home and End send'),
  functionKeys: gettext('Function keys'),
  localEcho: gettext('Local echo'),
  viewOnly: gettext('View only'),
  shared: gettext('Shared'),
  legacyAlgorithms: gettext('Allow weak algorithms'),
  allowUnencryptedSignIn: gettext('Allow unencrypted sign-in'),
} as const satisfies Partial<Record<keyof EndpointBody, string>>;

type ShownField = keyof typeof LABELS;

/**
 * What saving the form would change in an endpoint that another user has changed in the meantime.
 */
export function differences(mine: EndpointBody, theirs: Endpoint): Difference[] {
  const stored = flat(theirs);
  return (Object.keys(LABELS) as ShownField[])
    .map(field => ({
      label: LABELS[field],
      mine: shown(field, mine[field]),
      theirs: shown(field, stored[field]),
    }))
    .filter(one => one.mine !== one.theirs);
}

/** Whether two responses of the service describe the same endpoint, as far as they show it. */
export function isSameVersion(one: Endpoint, other: Endpoint): boolean {
  return JSON.stringify(flat(one)) === JSON.stringify(flat(other));
}

function flat(endpoint: Endpoint): Partial<Record<ShownField, unknown>> {
  const { credentials } = endpoint;
  const { type: credentialsType, username, publicKey, certificate, hostKey } = credentials;
  const fields = { ...endpoint, credentialsType, username, publicKey, certificate, hostKey };
  return Object.fromEntries(
    (Object.keys(LABELS) as ShownField[]).map(field => [field, fields[field]]),
  );
}

/** Switches that are off, and default values, are not always stored. */
function shown(field: ShownField, value: unknown): string {
  if (value === undefined || value === null || value === false) return '';
  if (field === 'encoding' && value === 'utf-8') return '';
  if (value === true) return '✓';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
