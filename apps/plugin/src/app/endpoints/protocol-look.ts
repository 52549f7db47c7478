import type { CredentialsType, Protocol } from '@remote-access/contracts';
import { gettext } from '../ui/words';

/** How protocols are shown, in the order in which they are offered. */
export const PROTOCOL_LOOK: Readonly<Record<Protocol, { label: string; icon: string }>> = {
  SSH: { label: gettext('SSH'), icon: 'terminal' },
  VNC: { label: gettext('VNC'), icon: 'imac' },
  TELNET: { label: gettext('Telnet'), icon: 'command-line' },
  PASSTHROUGH: { label: gettext('Passthrough'), icon: 'exchange' },
};

export const CREDENTIALS_LABEL: Readonly<Record<CredentialsType, string>> = {
  NONE: gettext('None'),
  PASS_ONLY: gettext('Password only'),
  USER_PASS: gettext('Username and password'),
  KEY_PAIR: gettext('Public and private key'),
  CERTIFICATE: gettext('Certificate'),
};
