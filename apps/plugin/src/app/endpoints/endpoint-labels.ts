import type {
  BackspaceKey,
  CredentialsType,
  DeleteKey,
  Encoding,
  FunctionKeys,
  HomeEndKeys,
  Protocol,
} from '@remote-access/contracts';
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

export const BACKSPACE_LABELS: Readonly<Record<BackspaceKey, string>> = {
  del: gettext('Delete (^?, 7f)'),
  bs: gettext('Backspace (^H, 08)'),
};

export const DELETE_LABELS: Readonly<Record<DeleteKey, string>> = {
  vt220: gettext('VT220 (ESC [ 3 ~)'),
  del: gettext('Delete (^?, 7f)'),
};

export const HOME_END_LABELS: Readonly<Record<HomeEndKeys, string>> = {
  xterm: gettext('xterm (ESC [ H)'),
  vt220: gettext('Linux, VT220 (ESC [ 1 ~)'),
};

export const FUNCTION_KEY_LABELS: Readonly<Record<FunctionKeys, string>> = {
  xterm: gettext('xterm'),
  linux: gettext('Linux console'),
  vt400: gettext('VT400'),
  sco: gettext('SCO'),
};
