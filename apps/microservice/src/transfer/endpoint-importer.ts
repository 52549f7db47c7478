import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import {
  type ImportLine,
  type ImportReport,
  isRefusal,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { AccessPolicy } from '../access/access-policy';
import type { Caller } from '../access/caller';
import type { Gateway } from '../access/gateway';
import { EndpointKeeper, type KeptEndpoint } from '../endpoints/endpoint-keeper';
import { EndpointKeys } from '../endpoints/endpoint-keys';
import type { EndpointList } from '../endpoints/endpoint-list';
import { EndpointListWriter, type ChangeRecord } from '../endpoints/endpoint-list-writer';
import { flatBody } from '../endpoints/flat-body';
import type { CallerCredentials } from '../platform/caller-credentials';
import { mapConcurrently } from '../concurrency/map-concurrently';
import type { TransferRow } from './transfer-row';

/** Gateways written at the same time. */
const WIDTH = 4;

/**
 * Brings the rows of a file onto their gateways. What holds for a single edit holds for each row;
 * a row that is refused stops no other one. The rows of one gateway are one write.
 */
@Injectable()
export class EndpointImporter {
  constructor(
    private readonly access: AccessPolicy,
    private readonly writer: EndpointListWriter,
    private readonly keys: EndpointKeys,
    private readonly keeper: EndpointKeeper,
  ) {}

  /** @param dryRun does all but write */
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
    const groups = await mapConcurrently([...byDevice], WIDTH, async ([deviceId, ofDevice]) => {
      const lines = await this.device(caller, credentials, deviceId, ofDevice, dryRun);
      return isRefusal(lines) ? ofDevice.map(row => refused(row, lines)) : lines;
    });
    const lines = groups.flat().sort((one, other) => one.line - other.line);
    const counts = { added: 0, changed: 0, unchanged: 0, refused: 0 };
    for (const { outcome } of lines) counts[outcome] += 1;
    return { dryRun, counts, lines };
  }

  private async device(
    caller: Caller,
    credentials: CallerCredentials,
    deviceId: string | null,
    rows: readonly TransferRow[],
    dryRun: boolean,
  ): Promise<ImportLine[] | Refusal> {
    if (deviceId === null) return invalid('deviceId must be given');
    const forbidden = this.access.mayConfigure(caller, deviceId);
    if (forbidden) return forbidden;
    try {
      const visible = await this.access.device(credentials, deviceId);
      if (isRefusal(visible)) return visible;
      return await this.writer.change(caller, deviceId, async (before, gateway) => {
        let list = before;
        const records: ChangeRecord[] = [];
        const result: ImportLine[] = [];
        for (const row of rows) {
          const kept = await this.row(caller, gateway, list, row);
          const line = isRefusal(kept) ? refused(row, kept) : accepted(row, kept, list, dryRun);
          result.push(line);
          if (isRefusal(kept) || line.outcome === 'unchanged') continue;
          list = kept.list;
          records.push(kept.record);
        }
        const isChanged = !dryRun && records.length > 0;
        return { list: isChanged ? list : undefined, records: isChanged ? records : [], result };
      });
    } catch (error) {
      // The platform failed for this gateway; the report still tells of the others.
      if (isRefusal(error)) return error;
      throw error;
    }
  }

  /** A row with an id changes what it names, one without adds an endpoint. */
  private async row(
    caller: Caller,
    gateway: Gateway,
    list: EndpointList,
    row: TransferRow,
  ): Promise<KeptEndpoint | Refusal> {
    if (row.problem !== undefined) return invalid(row.problem);
    const { endpointId, body } = row;
    const before = endpointId === null ? undefined : list.find(endpointId);
    if (endpointId !== null && !before) return new RemoteAccessError('endpoint-not-found');
    const twin = before ? undefined : list.entries.find(one => one.endpoint.name === body['name']);
    // A file that is imported twice must not double everything.
    if (twin) return invalid(`There is an endpoint of this name: give its id, ${twin.id}`);
    const draft = await this.keys.read(before ? flatBody(before.endpoint, body) : body);
    if (isRefusal(draft)) return draft;
    return this.keeper.put(caller, gateway, list, endpointId ?? list.nextId(), draft);
  }
}

function accepted(
  row: TransferRow,
  kept: KeptEndpoint,
  list: EndpointList,
  dryRun: boolean,
): ImportLine {
  const { id, endpoint, raw } = kept.entry;
  const before = list.find(id);
  const outcome = !before ? 'added' : isDeepStrictEqual(before.raw, raw) ? 'unchanged' : 'changed';
  const endpointId = outcome === 'added' && dryRun ? null : id;
  return { line: row.line, deviceId: row.deviceId, endpointId, name: endpoint.name, outcome };
}

function refused({ line, deviceId, endpointId, body }: TransferRow, why: Refusal): ImportLine {
  const name = typeof body['name'] === 'string' ? body['name'] : null;
  const { code, message } = why;
  return { line, deviceId, endpointId, name, outcome: 'refused', code, message };
}

function invalid(reason: string): Refusal {
  return new RemoteAccessError('invalid-endpoint', { detail: reason });
}
