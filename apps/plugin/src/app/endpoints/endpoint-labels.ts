import type { CredentialsType, Encoding, Protocol } from '@remote-access/contracts';
import { gettext } from '../ui/message';

/** In the order in which the form offers them. */
export const PROTOCOL_LABELS: Readonly<Record<Protocol, string>> = {
  SSH: gettext('SSH'),
  VNC: gettext('VNC'),
  TELNET: gettext('Telnet'),
  PASSTHROUGH: gettext('Passthrough'),
};

export const PROTOCOL_ICONS: Readonly<Record<Protocol, string>> = {
  SSH: 'terminal',
  VNC: 'imac',
  TELNET: 'keyboard',
  PASSTHROUGH: 'exchange',
};

export const CREDENTIALS_LABELS: Readonly<Record<CredentialsType, string>> = {
  NONE: gettext('No password'),
  PASS_ONLY: gettext('Password only'),
  USER_PASS: gettext('Username and password'),
  KEY_PAIR: gettext('Public/private keys'),
  CERTIFICATE: gettext('Certificate'),
};

export const ENCODING_LABELS: Readonly<Record<Encoding, string>> = {
  'utf-8': gettext('UTF-8'),
  latin1: gettext('Western European (Latin-1)'),
  cp437: gettext('DOS (code page 437)'),
  gbk: gettext('Simplified Chinese (GBK)'),
  shift_jis: gettext('Japanese (Shift JIS)'),
};
