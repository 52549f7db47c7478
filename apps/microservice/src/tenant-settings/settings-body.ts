import {
  DEVICE_ADMISSIONS,
  type DeviceAdmission,
  type Refusal,
  RemoteAccessError,
  SETTING_LIMITS,
  type SettingsBody,
  WATCH_SETTINGS,
} from '@remote-access/contracts';

type NumberName =
  'operationTimeoutSeconds' | 'idleTimeoutMs' | 'maxDurationSeconds' | 'resumeSeconds';

/** A notice may contain paragraphs, but no other control characters. */
const CONTROL = /(?![\n\t])\p{Cc}/u;

/**
 * Reads the body of `PUT /settings`. It must be complete, so that an omitted setting does not
 * silently fall back to its default. Only settings that older clients do not know
 * (`deviceAdmission`, `auditRequired`, `tokenInAddress`, `malformedKeys`, `resumeSeconds`, `watch`)
 * may be absent; they are then kept.
 * @returns `malformed-request` unless the body is an object, `invalid-settings` with every problem
 */
export function readSettingsBody(body: unknown): SettingsBody | Refusal {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return new RemoteAccessError('malformed-request', { detail: 'The body must be an object.' });
  }
  const fields = new Map<string, unknown>(Object.entries(body));
  const problems: string[] = [];
  const settings: SettingsBody = {
    enabled: flag('enabled'),
    hostKeyAutosave: flag('hostKeyAutosave'),
    operationTimeoutSeconds: wholeNumber('operationTimeoutSeconds'),
    idleTimeoutMs: wholeNumber('idleTimeoutMs'),
    maxDurationSeconds: wholeNumber('maxDurationSeconds'),
    notice: notice(),
  };
  const admission = fields.get('deviceAdmission');
  if (isDeviceAdmission(admission)) settings.deviceAdmission = admission;
  else if (admission !== undefined) {
    problems.push(`deviceAdmission must be ${DEVICE_ADMISSIONS.join(' or ')}`);
  }
  if (fields.has('auditRequired')) settings.auditRequired = flag('auditRequired');
  if (fields.has('tokenInAddress')) settings.tokenInAddress = flag('tokenInAddress');
  if (fields.has('malformedKeys')) settings.malformedKeys = flag('malformedKeys');
  if (fields.has('resumeSeconds')) settings.resumeSeconds = wholeNumber('resumeSeconds');
  if (fields.has('watch')) {
    const watch = WATCH_SETTINGS.find(one => one === fields.get('watch'));
    if (watch) settings.watch = watch;
    else problems.push(`watch must be ${WATCH_SETTINGS.join(', ')}`);
  }
  const revision = fields.get('revision');
  if (revision !== undefined && typeof revision !== 'string') {
    problems.push('revision must be text');
  }
  if (problems.length > 0) {
    return new RemoteAccessError('invalid-settings', { detail: problems.join('; ') });
  }
  return typeof revision === 'string' ? { ...settings, revision } : settings;

  function flag(name: string): boolean {
    const value = fields.get(name);
    if (typeof value !== 'boolean') problems.push(`${name} must be true or false`);
    return value === true;
  }

  function wholeNumber(name: NumberName): number {
    const value = fields.get(name);
    const { least, most } = SETTING_LIMITS[name];
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
      return value;
    }
    problems.push(`${name} must be a whole number from ${least} to ${most}`);
    return least;
  }

  function notice(): string | null {
    const value = fields.get('notice');
    if (value === null) return null;
    if (typeof value !== 'string') {
      problems.push('notice must be text, or null for none');
      return null;
    }
    const text = value.replaceAll('\r\n', '\n').trim();
    if (text.length > SETTING_LIMITS.notice) {
      problems.push(`notice must not be longer than ${SETTING_LIMITS.notice} characters`);
    }
    if (CONTROL.test(text)) problems.push('notice must not contain control characters');
    return text || null;
  }
}

function isDeviceAdmission(value: unknown): value is DeviceAdmission {
  return DEVICE_ADMISSIONS.some(known => known === value);
}
