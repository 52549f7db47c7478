/**
 * Columns of the files, in their order; JSON has fields of the same names. `deviceName` and
 * `damaged` are for people and not read back.
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
  'encoding',
  'viewOnly',
  'shared',
  'attrs',
  'damaged',
] as const;

/** Never exported; in an import they set a secret, as in the body of POST. */
export const SECRET_COLUMNS = ['password', 'privateKey', 'passphrase'] as const;

export type TransferColumn = (typeof EXPORT_COLUMNS)[number] | (typeof SECRET_COLUMNS)[number];

const ALL: readonly string[] = [...EXPORT_COLUMNS, ...SECRET_COLUMNS];

export function isTransferColumn(name: string): name is TransferColumn {
  return ALL.includes(name);
}

export function isSecretColumn(name: TransferColumn): boolean {
  return (SECRET_COLUMNS as readonly string[]).includes(name);
}
