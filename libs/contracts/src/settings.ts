/** The settings of a tenant: `GET` and `PUT /settings`. */
export interface RemoteAccessSettings {
  /** `false` refuses new sessions. */
  enabled: boolean;
  /** Whether the host key of the first successful sign-in is pinned. */
  hostKeyAutosave: boolean;
  /** How long a gateway may take to accept the operation and connect. */
  operationTimeoutSeconds: number;
  /** Sessions end after this long without traffic. */
  idleTimeoutMs: number;
  /** Maximum duration of a session; 0 for no limit. */
  maxDurationSeconds: number;
  /** Text that users accept before they connect; `null` if there is none. */
  notice: string | null;
  /** Which device users may connect for a gateway. */
  deviceAdmission: DeviceAdmission;
  /** Whether a session that cannot be recorded in the audit log is refused. */
  auditRequired: boolean;
  /**
   * Whether pages that are signed in with Basic authentication send the credential in the address
   * of a WebSocket.
   */
  tokenInAddress: boolean;
  /** Whether gateways may open their WebSocket with a key that violates RFC 6455. */
  malformedKeys: boolean;
  /**
   * How long a terminal session waits for a client that lost its connection; 0 disables resuming.
   */
  resumeSeconds: number;
  /** Whether other users may watch a running session. */
  watch: WatchSetting;
}

/**
 * Whether users who may configure a gateway's endpoints may watch its sessions: never (`off`), while
 * the session's user is `told` who watches, or only with that user's `consent`.
 */
export type WatchSetting = (typeof WATCH_SETTINGS)[number];
export const WATCH_SETTINGS = ['off', 'told', 'consent'] as const;

/**
 * `owner`: the owner of the gateway's managed object or of one of its device parents. `reader`: every
 * device that may read the operation, which on many tenants is every device.
 */
export type DeviceAdmission = (typeof DEVICE_ADMISSIONS)[number];
export const DEVICE_ADMISSIONS = ['owner', 'reader'] as const;

type NewerSetting =
  | 'deviceAdmission'
  | 'auditRequired'
  | 'tokenInAddress'
  | 'malformedKeys'
  | 'resumeSeconds'
  | 'watch';

/** Body of `PUT`, with every setting except those that older clients do not know. */
export interface SettingsBody extends Omit<RemoteAccessSettings, NewerSetting> {
  /** If absent, the setting is kept. */
  deviceAdmission?: DeviceAdmission;
  /** If absent, the setting is kept. */
  auditRequired?: boolean;
  /** If absent, the setting is kept. */
  tokenInAddress?: boolean;
  /** If absent, the setting is kept. */
  malformedKeys?: boolean;
  /** If absent, the setting is kept. */
  resumeSeconds?: number;
  /** If absent, the setting is kept. */
  watch?: WatchSetting;
  /** Revision of the settings that were read; the request fails if they have changed since. */
  revision?: string;
}

/** The response of both requests. */
export interface ShownSettings extends RemoteAccessSettings {
  revision: string;
  /** SHA-256 of the notice in hex, which ticket requests send as `noticeAccepted`. */
  noticeId: string | null;
}

const DAY_SECONDS = 86_400;

/** Inclusive limits. */
export const SETTING_LIMITS = {
  /** Agents poll every few seconds, and nobody waits longer than an hour. */
  operationTimeoutSeconds: { least: 5, most: 3_600 },
  /** Below ten seconds, reading a page of output would end the session. */
  idleTimeoutMs: { least: 10_000, most: 7 * DAY_SECONDS * 1_000 },
  maxDurationSeconds: { least: 0, most: 7 * DAY_SECONDS },
  /** A waiting session keeps its connection to the server and its memory. */
  resumeSeconds: { least: 0, most: 3_600 },
  /** Characters. The service splits the text over several options. */
  notice: 2_000,
} as const;

/** The response of `POST /credentials/reseal`. */
export interface ResealReport {
  /** `false` if time ran out: call again to continue. */
  complete: boolean;
  /** Gateways processed. */
  gateways: number;
  /** Secrets resealed with the current key. */
  resealed: number;
  /** Secrets that already used the current key. */
  current: number;
  /** Secrets that no key can unseal and that must be entered again. */
  unusable: number;
  /** The first of the unusable secrets, with their field names. */
  unusableSecrets: { deviceId: string; endpointId: string; name: string; field: string }[];
}
