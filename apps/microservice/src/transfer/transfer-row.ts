import {
  printable,
  printableList,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';

/**
 * Columns of the files, in order; JSON uses the same names. `deviceName` and `damaged` are
 * informative and ignored by the import.
 */
export const EXPORT_COLUMNS = [
  'deviceId',
  'deviceName',
  'id',
  'name',
  'hostname',
  'port',
  'protocol',
  'credentialsType',
  'username',
  'publicKey',
  'certificate',
  'hostKey',
  'legacyAlgorithms',
  'command',
  'encoding',
  'locale',
  'backspace',
  'deleteKey',
  'homeEnd',
  'functionKeys',
  'localEcho',
  'viewOnly',
  'shared',
  'allowUnencryptedSignIn',
  'attrs',
  'damaged',
] as const;

/** Never exported. An import sets the secret, like the body of POST. */
const SECRET_COLUMNS = ['password', 'privateKey', 'passphrase'] as const;

export type TransferColumn = (typeof EXPORT_COLUMNS)[number] | (typeof SECRET_COLUMNS)[number];

const ALL_COLUMNS: readonly string[] = [...EXPORT_COLUMNS, ...SECRET_COLUMNS];

export function isTransferColumn(name: string): name is TransferColumn {
  return ALL_COLUMNS.includes(name);
}

export function isSecretColumn(name: string): boolean {
  return (SECRET_COLUMNS as readonly string[]).includes(name);
}

/** One endpoint of an imported file. */
export interface TransferRow {
  readonly line: number;
  readonly deviceId: string | null;
  /** `null` for a new endpoint. */
  readonly endpointId: string | null;
  /** The endpoint's flat body. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Why the row cannot be imported. */
  readonly problem?: string;
}

const COLUMNS_OUTSIDE_BODY: readonly string[] = ['deviceId', 'deviceName', 'id', 'damaged'];

/** An empty secret counts as absent and is kept, because exported files contain no secrets. */
export function transferRow(
  line: number,
  fields: Readonly<Record<string, unknown>>,
  problem?: string,
): TransferRow {
  const body = Object.entries(fields)
    .filter(([name]) => !COLUMNS_OUTSIDE_BODY.includes(name))
    .filter(([name, value]) => !(isSecretColumn(name) && (value === '' || value === null)))
    .map(([name, value]) => [name, value === '' ? null : value] as const);
  return {
    line,
    deviceId: idOf(fields['deviceId']),
    endpointId: idOf(fields['id']),
    body: Object.fromEntries(body),
    ...(problem === undefined ? {} : { problem }),
  };
}

const DEVICE_ID = /^[\w-]{1,64}$/;

export function isDeviceId(text: string): boolean {
  return DEVICE_ID.test(text);
}

function idOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** Assigns all rows to one gateway. A row may omit the gateway, but must not name another one. */
export function assignDevice(deviceId: string, rows: readonly TransferRow[]): TransferRow[] {
  return rows.map(row => {
    if (row.deviceId === null || row.deviceId === deviceId) return { ...row, deviceId };
    const other = printable(row.deviceId);
    const problem = `The line is for gateway ${other}, but the import is for gateway ${deviceId}`;
    return { ...row, problem: row.problem ?? problem };
  });
}

/** @returns `malformed-request` unless the body is an array, `payload-too-large` */
export function readJsonRows(body: unknown, maxRows: number): TransferRow[] | Refusal {
  if (!Array.isArray(body)) return malformedFile('The body must be an array of endpoints');
  if (body.length > maxRows) return new RemoteAccessError('payload-too-large');
  return body.map((one: unknown, index) => {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) {
      return transferRow(index + 1, {}, 'The element must be an object');
    }
    const unknown = Object.keys(one).filter(name => !isTransferColumn(name));
    const problem = unknown.length > 0 ? `Unknown field: ${printableList(unknown)}` : undefined;
    return transferRow(index + 1, one as Record<string, unknown>, problem);
  });
}

/** The file as a whole cannot be read, so nothing is imported. */
export function malformedFile(reason: string): Refusal {
  return new RemoteAccessError('malformed-request', { detail: `${reason}.` });
}
