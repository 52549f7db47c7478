/** What an administrator sets for a whole tenant: `GET` and `PUT /settings`. */
export interface RemoteAccessSettings {
  /** `false` refuses new sessions. */
  enabled: boolean;
  /** Whether the host key of a first successful sign-in is kept. */
  hostKeyAutosave: boolean;
  /** How long a gateway has to take the operation and dial back. */
  operationTimeoutSeconds: number;
  /** A session without a byte for this long ends. */
  idleTimeoutMs: number;
  /** How long a session may last; 0 for no limit. */
  maxDurationSeconds: number;
  /** Text that people accept before they connect; `null` for none. */
  notice: string | null;
}

/** The body of `PUT`, the whole state. */
export interface SettingsBody extends RemoteAccessSettings {
  /** Of the settings that were read before: others than these are then not written over. */
  revision?: string;
}

/** The answer of both. */
export interface ShownSettings extends RemoteAccessSettings {
  /** Names this state of the settings. */
  revision: string;
  /** SHA-256 of the notice in hex: what a ticket's body carries as `noticeAccepted`. */
  noticeId: string | null;
}

const DAY_SECONDS = 86_400;

/** Bounds, inclusive. */
export const SETTING_LIMITS = {
  /** An agent polls every few seconds; more than an hour nobody waits. */
  operationTimeoutSeconds: { least: 5, most: 3_600 },
  /** Below ten seconds whoever reads a page of output is thrown out. */
  idleTimeoutMs: { least: 10_000, most: 7 * DAY_SECONDS * 1_000 },
  maxDurationSeconds: { least: 0, most: 7 * DAY_SECONDS },
  /** Characters; the platform's options hold a little more. */
  notice: 2_000,
} as const;
