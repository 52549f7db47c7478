import type { CredentialsType, Encoding, Protocol } from '@remote-access/contracts';
import { gettext } from '../ui/words';

/** How protocols are shown, in the order in which they are offered. */
export const PROTOCOL_LOOK: Readonly<Record<Protocol, { label: string; icon: string }>> = {
  SSH: { label: gettext('SSH'), icon: 'terminal' },
  VNC: { label: gettext('VNC'), icon: 'imac' },
  TELNET: { label: gettext('Telnet'), icon: 'keyboard' },
  PASSTHROUGH: { label: gettext('Passthrough'), icon: 'exchange' },
};

export const CREDENTIALS_LABEL: Readonly<Record<CredentialsType, string>> = {
  NONE: gettext('No password'),
  PASS_ONLY: gettext('Password only'),
  USER_PASS: gettext('Username and password'),
  KEY_PAIR: gettext('Public/private keys'),
  CERTIFICATE: gettext('Certificate'),
};

export const ENCODING_LABEL: Readonly<Record<Encoding, string>> = {
  'utf-8': gettext('UTF-8'),
  latin1: gettext('Western European (Latin-1)'),
  cp437: gettext('DOS (code page 437)'),
  gbk: gettext('Simplified Chinese (GBK)'),
  shift_jis: gettext('Japanese (Shift JIS)'),
};
