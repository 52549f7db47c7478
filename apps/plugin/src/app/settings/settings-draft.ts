import {
  SETTING_LIMITS,
  type RemoteAccessSettings,
  type WatchSetting,
} from '@remote-access/contracts';
import { gettext, type Message } from '../ui/message';
import {
  DURATION_UNITS,
  durationOf,
  durationProblem,
  millisecondsOf,
  type Duration,
  type DurationBound,
} from './duration';

/** The settings as entered in the form. */
export interface SettingsDraft {
  readonly enabled: boolean;
  readonly hostKeyAutosave: boolean;
  readonly operationTimeout: Duration;
  readonly idleTimeout: Duration;
  /** Whether sessions have a maximum duration. */
  readonly limited: boolean;
  readonly maxDuration: Duration;
  /** Whether terminal sessions wait for a client that lost its connection. */
  readonly resumable: boolean;
  readonly resume: Duration;
  /** Whether other users may watch sessions. */
  readonly watch: WatchSetting;
  readonly notice: string;
  /** Whether devices connect for gateways that they do not own. */
  readonly admitReaders: boolean;
  /** Whether gateways may connect with a malformed WebSocket key. */
  readonly malformedKeys: boolean;
  /** Whether sessions open only if the audit log records them. */
  readonly auditRequired: boolean;
  /** Whether Basic credentials may be sent in the address of a WebSocket. */
  readonly tokenInAddress: boolean;
}

/** The problems of a draft, by field. */
export type SettingsProblems = Partial<Record<keyof SettingsDraft, Message>>;

/** Suggested when a limit is set for the first time: a working day. */
const DEFAULT_LIMIT: Duration = { amount: 8, unit: 'hours' };

/** Suggested when resuming is enabled for the first time. */
const DEFAULT_RESUME: Duration = { amount: 2, unit: 'minutes' };

/** The messages name the bounds; `settings-draft.spec.ts` checks that they agree. */
export const DURATION_BOUNDS = {
  operationTimeout: {
    least: bound(5_000, gettext('At least 5 seconds.')),
    most: bound(DURATION_UNITS.hours, gettext('At most 1 hour.')),
  },
  idleTimeout: {
    least: bound(10_000, gettext('At least 10 seconds.')),
    most: bound(7 * DURATION_UNITS.days, gettext('At most 7 days.')),
  },
  maxDuration: {
    least: bound(1_000, gettext('At least 1 second.')),
    most: bound(7 * DURATION_UNITS.days, gettext('At most 7 days.')),
  },
  resume: {
    least: bound(1_000, gettext('At least 1 second.')),
    most: bound(DURATION_UNITS.hours, gettext('At most 1 hour.')),
  },
} as const;

/** Control characters other than line breaks and tabs, which a notice may contain. */
const CONTROL = /(?![\n\t])\p{Cc}/u;

export function draftOf(settings: RemoteAccessSettings): SettingsDraft {
  const { enabled, hostKeyAutosave, maxDurationSeconds, notice } = settings;
  const { deviceAdmission, malformedKeys, auditRequired, tokenInAddress } = settings;
  const { resumeSeconds, watch } = settings;
  return {
    enabled,
    hostKeyAutosave,
    operationTimeout: durationOf(settings.operationTimeoutSeconds * 1_000),
    idleTimeout: durationOf(settings.idleTimeoutMs),
    limited: maxDurationSeconds > 0,
    maxDuration: maxDurationSeconds > 0 ? durationOf(maxDurationSeconds * 1_000) : DEFAULT_LIMIT,
    resumable: resumeSeconds > 0,
    resume: resumeSeconds > 0 ? durationOf(resumeSeconds * 1_000) : DEFAULT_RESUME,
    watch,
    notice: notice ?? '',
    admitReaders: deviceAdmission === 'reader',
    malformedKeys,
    auditRequired,
    tokenInAddress,
  };
}

/** The settings to save. Only meaningful if the draft has no problems. */
export function settingsOf(draft: SettingsDraft): RemoteAccessSettings {
  return {
    enabled: draft.enabled,
    hostKeyAutosave: draft.hostKeyAutosave,
    operationTimeoutSeconds: millisecondsOf(draft.operationTimeout) / 1_000,
    idleTimeoutMs: millisecondsOf(draft.idleTimeout),
    maxDurationSeconds: draft.limited ? millisecondsOf(draft.maxDuration) / 1_000 : 0,
    resumeSeconds: draft.resumable ? millisecondsOf(draft.resume) / 1_000 : 0,
    watch: draft.watch,
    notice: noticeOf(draft) || null,
    deviceAdmission: draft.admitReaders ? 'reader' : 'owner',
    malformedKeys: draft.malformedKeys,
    auditRequired: draft.auditRequired,
    tokenInAddress: draft.tokenInAddress,
  };
}

export function problemsOf(draft: SettingsDraft): SettingsProblems {
  const problems: SettingsProblems = {};
  for (const name of ['operationTimeout', 'idleTimeout', 'maxDuration', 'resume'] as const) {
    if (name === 'maxDuration' && !draft.limited) continue;
    if (name === 'resume' && !draft.resumable) continue;
    const { least, most } = DURATION_BOUNDS[name];
    const problem = durationProblem(draft[name], least, most);
    if (problem) problems[name] = problem;
  }
  const notice = noticeOf(draft);
  if (notice.length > SETTING_LIMITS.notice) {
    problems.notice = {
      text: gettext('Enter at most {{ most }} characters. You have entered {{ length }}.'),
      values: { most: String(SETTING_LIMITS.notice), length: String(notice.length) },
    };
  } else if (CONTROL.test(notice)) {
    problems.notice = {
      text: gettext('The text contains control characters. Type it instead of pasting it.'),
    };
  }
  return problems;
}

/** The notice as the service stores it. */
function noticeOf({ notice }: SettingsDraft): string {
  return notice.replaceAll('\r\n', '\n').trim();
}

function bound(ms: number, message: string): DurationBound {
  return { ms, message };
}
