import type {
  BackspaceKey,
  DeleteKey,
  EndpointOptions,
  FunctionKeys,
  HomeEndKeys,
} from '@remote-access/contracts';
import { gettext } from '../ui/message';

/** What a terminal's keys send, where systems differ. */
export type KeyOptions = Pick<
  EndpointOptions,
  'backspace' | 'deleteKey' | 'homeEnd' | 'functionKeys'
>;

export interface KeyChoice {
  readonly field: keyof KeyOptions;
  readonly label: string;
  /** Values and labels, the default first. */
  readonly choices: readonly (readonly [string, string])[];
}

const BACKSPACE_LABELS: Readonly<Record<BackspaceKey, string>> = {
  del: gettext('Delete (^?, 7f)'),
  bs: gettext('Backspace (^H, 08)'),
};

const DELETE_LABELS: Readonly<Record<DeleteKey, string>> = {
  vt220: gettext('VT220 (ESC [ 3 ~)'),
  del: gettext('Delete (^?, 7f)'),
};

const HOME_END_LABELS: Readonly<Record<HomeEndKeys, string>> = {
  xterm: gettext('xterm (ESC [ H)'),
  vt220: gettext('Linux, VT220 (ESC [ 1 ~)'),
};

const FUNCTION_KEY_LABELS: Readonly<Record<FunctionKeys, string>> = {
  xterm: gettext('xterm'),
  linux: gettext('Linux console'),
  vt400: gettext('VT400'),
  sco: gettext('SCO'),
};

/** The choices for each of the {@link KeyOptions}: for the form and for a running session. */
export const KEY_CHOICES: readonly KeyChoice[] = [
  {
    field: 'backspace',
    label: gettext('Backspace key sends'),
    choices: Object.entries(BACKSPACE_LABELS),
  },
  {
    field: 'deleteKey',
    label: gettext('Delete key sends'),
    choices: Object.entries(DELETE_LABELS),
  },
  {
    field: 'homeEnd',
    label: gettext('Home and End send'),
    choices: Object.entries(HOME_END_LABELS),
  },
  {
    field: 'functionKeys',
    label: gettext('Function keys'),
    choices: Object.entries(FUNCTION_KEY_LABELS),
  },
];
