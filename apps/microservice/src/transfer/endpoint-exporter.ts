import { Injectable } from '@nestjs/common';
import {
  isRefusal,
  type Refusal,
  RemoteAccessError,
  TRANSFER_LIMITS,
} from '@remote-access/contracts';
import { FRAGMENTS } from '@remote-access/contracts/platform';
import { AccessPolicy } from '../access/access-policy';
import { Gateway } from '../access/gateway';
import { mapConcurrently } from '../concurrency/map-concurrently';
import { EndpointDirectory } from '../endpoints/endpoint-directory';
import type { Reservation } from '../memory/memory-budget';
import type { CallerCredentials } from '../platform/caller-credentials';
import { Cumulocity } from '../platform/cumulocity';
import type { EXPORT_COLUMNS } from './transfer-row';

/** Devices that are read concurrently. */
const CONCURRENT_READS = 4;

/** Gateways with many endpoints are large; see the limit of responses in `platform-requests.ts`. */
const PAGE_SIZE = 50;

/** A row takes its texts, the objects that contain them, and a copy in the response. */
const COPIES_OF_ROW = 4;

/** An endpoint in flat form with its gateway. It contains neither secrets nor placeholders. */
export type ExportedEndpoint = Partial<Record<(typeof EXPORT_COLUMNS)[number], unknown>>;

/** Exports the endpoints of many gateways, which are read with the caller's credentials. */
@Injectable()
export class EndpointExporter {
  constructor(
    private readonly access: AccessPolicy,
    private readonly cumulocity: Cumulocity,
    private readonly directory: EndpointDirectory,
  ) {}

  /**
   * @param memory grows with the rows; release it when they have been sent
   * @returns `device-not-found` with the id, `payload-too-large`, `too-many-requests`
   */
  export(
    credentials: CallerCredentials,
    deviceIds: readonly string[] | undefined,
    memory: Reservation,
  ): Promise<ExportedEndpoint[] | Refusal> {
    return deviceIds
      ? this.rowsOfNamed(credentials, deviceIds, memory)
      : this.rowsOfAll(credentials, memory);
  }

  private async rowsOfNamed(
    credentials: CallerCredentials,
    deviceIds: readonly string[],
    memory: Reservation,
  ): Promise<ExportedEndpoint[] | Refusal> {
    const rows: ExportedEndpoint[][] = [];
    let refusal: Refusal | undefined;
    await mapConcurrently([...deviceIds.entries()], CONCURRENT_READS, async ([index, id]) => {
      if (refusal) return;
      const gateway = await this.access.device(credentials, id);
      const found = isRefusal(gateway) ? refusalOf(gateway, id) : this.rows(gateway);
      refusal ??= isRefusal(found) ? found : counted(found, memory);
      if (!isRefusal(found)) rows[index] = found;
    });
    return refusal ?? rows.flat();
  }

  private async rowsOfAll(
    credentials: CallerCredentials,
    memory: Reservation,
  ): Promise<ExportedEndpoint[] | Refusal> {
    const platform = this.cumulocity.as(credentials);
    const rows: ExportedEndpoint[] = [];
    for (let page = 1; ; page += 1) {
      const found = await platform.managedObjectsWith(FRAGMENTS.list, page, PAGE_SIZE);
      const ofPage = found.flatMap(one => this.rows(new Gateway(one)));
      const refusal = counted(ofPage, memory);
      if (refusal) return refusal;
      rows.push(...ofPage);
      if (found.length < PAGE_SIZE) return rows;
      if (page * PAGE_SIZE >= TRANSFER_LIMITS.devices) {
        const detail = `There are more than ${TRANSFER_LIMITS.devices} gateways. Select some of them with deviceIds.`;
        return new RemoteAccessError('payload-too-large', { detail });
      }
    }
  }

  private rows(gateway: Gateway): ExportedEndpoint[] {
    return this.directory.list(gateway).map(({ credentials, damaged, attrs, ...endpoint }) => ({
      deviceId: gateway.id,
      deviceName: gateway.name,
      ...endpoint,
      credentialsType: credentials.type,
      username: credentials.username,
      publicKey: credentials.publicKey,
      certificate: credentials.certificate,
      hostKey: credentials.hostKey,
      ...(attrs === undefined ? {} : { attrs }),
      ...(damaged === undefined ? {} : { damaged: damaged.join('; ') }),
    }));
  }
}

function refusalOf(refusal: Refusal, id: string): Refusal {
  if (refusal.code !== 'device-not-found') return refusal;
  const detail = `The device ${id} does not exist, or you do not have access to it.`;
  return new RemoteAccessError('device-not-found', { detail });
}

function counted(rows: readonly ExportedEndpoint[], memory: Reservation): Refusal | undefined {
  return memory.resize(memory.bytes + COPIES_OF_ROW * JSON.stringify(rows).length);
}
