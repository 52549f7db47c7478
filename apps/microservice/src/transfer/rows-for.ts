import type { TransferRow } from './transfer-row';

/** A file for one gateway: lines need not name it, and one that names another is not taken there. */
export function rowsFor(deviceId: string, rows: readonly TransferRow[]): TransferRow[] {
  return rows.map(row => {
    if (row.deviceId === null || row.deviceId === deviceId) return { ...row, deviceId };
    const problem = `The line is for the gateway ${row.deviceId}, the import for ${deviceId}`;
    return { ...row, problem: row.problem ?? problem };
  });
}
