import { type Refusal, RemoteAccessError, TRANSFER_LIMITS } from '@remote-access/contracts';

const DEVICE_ID = /^[\w-]{1,64}$/;

export interface ExportQuery {
  readonly format: 'csv' | 'json';
  /** `undefined` for every gateway that the caller may see. */
  readonly deviceIds: readonly string[] | undefined;
}

/** @returns `malformed-request` */
export function readExportQuery(query: URLSearchParams): ExportQuery | Refusal {
  const format = query.get('format') ?? 'json';
  if (format !== 'csv' && format !== 'json') return malformed('format must be csv or json');
  const list = query.get('deviceIds');
  if (list === null) return { format, deviceIds: undefined };
  const deviceIds = [...new Set(list.split(',').filter(id => id !== ''))];
  const { namedDevices } = TRANSFER_LIMITS;
  if (deviceIds.length === 0 || deviceIds.length > namedDevices) {
    return malformed(`deviceIds must list 1 to ${namedDevices} devices`);
  }
  const invalid = deviceIds.filter(id => !DEVICE_ID.test(id));
  return invalid.length > 0
    ? malformed(`Not a device id: ${invalid.join(', ')}`)
    : { format, deviceIds };
}

export interface ImportQuery {
  readonly dryRun: boolean;
  /** The gateway of all rows; `undefined` if each row names its own. */
  readonly deviceId: string | undefined;
}

/** @returns `malformed-request` */
export function readImportQuery(query: URLSearchParams): ImportQuery | Refusal {
  const dryRun = query.get('dryRun') ?? 'false';
  // A typo must not turn a dry run into an import.
  if (dryRun !== 'true' && dryRun !== 'false') return malformed('dryRun must be true or false');
  const deviceId = query.get('deviceId') ?? undefined;
  if (deviceId !== undefined && !DEVICE_ID.test(deviceId)) {
    return malformed('deviceId must be the id of a device');
  }
  return { dryRun: dryRun === 'true', deviceId };
}

function malformed(reason: string): Refusal {
  return new RemoteAccessError('malformed-request', { detail: `${reason}.` });
}
