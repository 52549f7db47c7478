import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import {
  type ImportLine,
  type ImportReport,
  isRefusal,
  printable,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { AccessPolicy } from '../access/access-policy';
import type { Caller } from '../access/caller';
import type { Gateway } from '../access/gateway';
import { mapConcurrently } from '../concurrency/map-concurrently';
import { mergePatch } from '../endpoints/endpoint-draft';
import { type EndpointEdit, EndpointEditor } from '../endpoints/endpoint-editor';
import { EndpointKeyNormaliser } from '../endpoints/endpoint-key-normaliser';
import type { EndpointList } from '../endpoints/endpoint-list';
import { type ChangeRecord, EndpointListWriter } from '../endpoints/endpoint-list-writer';
import type { CallerCredentials } from '../platform/caller-credentials';
import { isDeviceId, type TransferRow } from './transfer-row';

/** Gateways that are written concurrently. */
const CONCURRENT_GATEWAYS = 4;

/**
 * Imports the rows of a file. Each row is subject to the rules of a single edit, and a refused row
 * does not affect the others. All rows of a gateway are written together.
 */
@Injectable()
export class EndpointImporter {
  constructor(
    private readonly access: AccessPolicy,
    private readonly writer: EndpointListWriter,
    private readonly keys: EndpointKeyNormaliser,
    private readonly editor: EndpointEditor,
  ) {}

  /** @param dryRun does everything except writing */
  async import(
    caller: Caller,
    credentials: CallerCredentials,
    rows: readonly TransferRow[],
    dryRun: boolean,
  ): Promise<ImportReport> {
    const byDevice = new Map<string | null, TransferRow[]>();
    for (const row of rows) {
      const others = byDevice.get(row.deviceId);
      if (others) others.push(row);
      else byDevice.set(row.deviceId, [row]);
    }
    const groups = await mapConcurrently(
      [...byDevice],
      CONCURRENT_GATEWAYS,
      async ([deviceId, ofDevice]) => {
        const lines = await this.importDevice(caller, credentials, deviceId, ofDevice, dryRun);
        return isRefusal(lines) ? ofDevice.map(row => refusedLine(row, lines)) : lines;
      },
    );
    const lines = groups.flat().sort((one, other) => one.line - other.line);
    const counts = { added: 0, changed: 0, unchanged: 0, refused: 0 };
    for (const { outcome } of lines) counts[outcome] += 1;
    return { dryRun, counts, lines };
  }

  private async importDevice(
    caller: Caller,
    credentials: CallerCredentials,
    deviceId: string | null,
    rows: readonly TransferRow[],
    dryRun: boolean,
  ): Promise<ImportLine[] | Refusal> {
    if (deviceId === null) return invalid('deviceId must be given');
    if (!isDeviceId(deviceId)) {
      const problem = `Not a device id: ${printable(deviceId)}`;
      return rows.map(row => refusedLine(row, invalid(row.problem ?? problem)));
    }
    try {
      const access = await this.access.authorizeToConfigure(caller, credentials, deviceId);
      if (isRefusal(access)) return access;
      return await this.writer.change(caller, deviceId, async (before, gateway) => {
        let list = before;
        const records: ChangeRecord[] = [];
        const result: ImportLine[] = [];
        for (const row of rows) {
          const edit = await this.importRow(caller, gateway, list, row);
          const line = isRefusal(edit)
            ? refusedLine(row, edit)
            : acceptedLine(row, edit, list, dryRun);
          result.push(line);
          if (isRefusal(edit) || line.outcome === 'unchanged') continue;
          list = edit.list;
          records.push(edit.record);
        }
        const isChanged = !dryRun && records.length > 0;
        return { list: isChanged ? list : undefined, records: isChanged ? records : [], result };
      });
    } catch (error) {
      // A platform failure for one gateway must not hide the results of the others.
      if (isRefusal(error)) return error;
      throw error;
    }
  }

  /** A row with an id is a merge patch; one without an id adds an endpoint. */
  private async importRow(
    caller: Caller,
    gateway: Gateway,
    list: EndpointList,
    row: TransferRow,
  ): Promise<EndpointEdit | Refusal> {
    if (row.problem !== undefined) return invalid(row.problem);
    const { endpointId, body } = row;
    const before = endpointId === null ? undefined : list.find(endpointId);
    if (endpointId !== null && !before) return new RemoteAccessError('endpoint-not-found');
    // Importing a file twice must not add everything twice.
    const namesake = before
      ? undefined
      : list.entries.find(one => one.endpoint.name === body['name']);
    if (namesake)
      return invalid(
        `An endpoint with this name exists already; give its id, ${namesake.id}, to change it`,
      );
    const draft = await this.keys.read(caller, before ? mergePatch(before.endpoint, body) : body);
    if (isRefusal(draft)) return draft;
    return this.editor.put(caller, gateway, list, endpointId ?? list.nextId(), draft);
  }
}

function acceptedLine(
  row: TransferRow,
  edit: EndpointEdit,
  list: EndpointList,
  dryRun: boolean,
): ImportLine {
  const { id, endpoint, raw } = edit.entry;
  const before = list.find(id);
  const outcome = !before ? 'added' : isDeepStrictEqual(before.raw, raw) ? 'unchanged' : 'changed';
  const endpointId = outcome === 'added' && dryRun ? null : id;
  const { line, deviceId } = row;
  const accepted = { line, deviceId, endpointId, name: endpoint.name, outcome } as const;
  if (outcome !== 'changed') return accepted;
  // In the file, the sign-in method is a separate column.
  const changed = edit.changed.map(field => (field === 'type' ? 'credentialsType' : field));
  return { ...accepted, changed };
}

function refusedLine({ line, deviceId, endpointId, body }: TransferRow, why: Refusal): ImportLine {
  const name = typeof body['name'] === 'string' ? body['name'] : null;
  const { code, message } = why;
  return { line, deviceId, endpointId, name, outcome: 'refused', code, message };
}

function invalid(reason: string): Refusal {
  return new RemoteAccessError('invalid-endpoint', { detail: reason });
}
