import { SECRET_COLUMNS } from './transfer-columns';
import type { TransferRow } from './transfer-row';

const NOT_OF_THE_BODY: readonly string[] = ['deviceId', 'deviceName', 'id', 'damaged'];

/** An empty secret is one that is not given: files are exported without. */
export function rowOf(
  line: number,
  fields: Readonly<Record<string, unknown>>,
  problem?: string,
): TransferRow {
  const body = Object.entries(fields)
    .filter(([name]) => !NOT_OF_THE_BODY.includes(name))
    .filter(([name, value]) => !(isSecret(name) && (value === '' || value === null)))
    .map(([name, value]) => [name, value === '' ? null : value] as const);
  return {
    line,
    deviceId: idOf(fields['deviceId']),
    endpointId: idOf(fields['id']),
    body: Object.fromEntries(body),
    ...(problem === undefined ? {} : { problem }),
  };
}

function isSecret(name: string): boolean {
  return (SECRET_COLUMNS as readonly string[]).includes(name);
}

function idOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
