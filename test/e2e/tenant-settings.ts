import type { RemoteAccessSettings } from '@remote-access/contracts';
import type { LocalStack } from '@remote-access/testkit';

const SETTINGS = '/service/remoteaccess/settings';

/** Settings of a new tenant. */
const DEFAULTS: RemoteAccessSettings = {
  enabled: true,
  hostKeyAutosave: false,
  operationTimeoutSeconds: 30,
  idleTimeoutMs: 3_600_000,
  maxDurationSeconds: 0,
  resumeSeconds: 120,
  watch: 'told',
  notice: null,
  deviceAdmission: 'owner',
  auditRequired: true,
  tokenInAddress: false,
  malformedKeys: false,
};

/** Writes the settings of the stack's tenant through the API; omitted ones get their defaults. */
export async function putSettings(
  stack: LocalStack,
  settings: Partial<RemoteAccessSettings> = {},
): Promise<void> {
  const body = JSON.stringify({ ...DEFAULTS, ...settings });
  const response = await stack.fetch(SETTINGS, 'admin', { method: 'PUT', body });
  if (!response.ok) throw new Error(`PUT settings: ${response.status} ${await response.text()}`);
}

/** Reads the settings through the API. */
export async function readSettings(stack: LocalStack): Promise<RemoteAccessSettings> {
  const response = await stack.fetch(SETTINGS, 'admin');
  return (await response.json()) as RemoteAccessSettings;
}
