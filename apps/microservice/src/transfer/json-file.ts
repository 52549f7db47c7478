import { type Refusal, RemoteAccessError } from '@remote-access/contracts';
import { malformedFile } from './malformed-file';
import { rowOf } from './row-of';
import { isTransferColumn } from './transfer-columns';
import type { TransferRow } from './transfer-row';

/** @returns `malformed-request` for what is no array, `payload-too-large` */
export function readJsonRows(body: unknown, maxRows: number): TransferRow[] | Refusal {
  if (!Array.isArray(body)) return malformedFile('The body must be an array of endpoints');
  if (body.length > maxRows) return new RemoteAccessError('payload-too-large');
  return body.map((one: unknown, index) => {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) {
      return rowOf(index + 1, {}, 'It must be an object');
    }
    const unknown = Object.keys(one).filter(name => !isTransferColumn(name));
    const problem = unknown.length > 0 ? `Unknown field: ${unknown.join(', ')}` : undefined;
    return rowOf(index + 1, one as Record<string, unknown>, problem);
  });
}
