import type { EndpointOptions } from '@remote-access/contracts';
import { gettext } from '../ui/message';
import {
  BACKSPACE_LABELS,
  DELETE_LABELS,
  FUNCTION_KEY_LABELS,
  HOME_END_LABELS,
} from './endpoint-labels';

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
