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
import type { CallerCredentials } from '../platform/caller-credentials';
import { Cumulocity } from '../platform/cumulocity';
import type { EXPORT_COLUMNS } from './transfer-row';

/** Devices read at the same time. */
const CONCURRENT_READS = 4;

const PAGE_SIZE = 200;

/** An endpoint in flat form with its gateway. It has neither secrets nor placeholders. */
export type ExportedEndpoint = Partial<Record<(typeof EXPORT_COLUMNS)[number], unknown>>;

/** Exports the endpoints of many gateways, which are read with the caller's credentials. */
@Injectable()
export class EndpointExporter {
  constructor(
    private readonly access: AccessPolicy,
    private readonly cumulocity: Cumulocity,
    private readonly directory: EndpointDirectory,
  ) {}

  /** @returns `device-not-found` with the id, `payload-too-large` */
  async export(
    credentials: CallerCredentials,
    deviceIds: readonly string[] | undefined,
  ): Promise<ExportedEndpoint[] | Refusal> {
    const gateways = deviceIds
      ? await this.namedGateways(credentials, deviceIds)
      : await this.allGateways(credentials);
    if (isRefusal(gateways)) return gateways;
    return gateways.flatMap(gateway => this.rows(gateway));
  }

  private async namedGateways(
    credentials: CallerCredentials,
    deviceIds: readonly string[],
  ): Promise<Gateway[] | Refusal> {
    const found = await mapConcurrently(deviceIds, CONCURRENT_READS, id =>
      this.access.device(credentials, id),
    );
    const gateways: Gateway[] = [];
    for (const [index, one] of found.entries()) {
      if (!isRefusal(one)) gateways.push(one);
      else if (one.code !== 'device-not-found') return one;
      else {
        const detail = `The device ${deviceIds[index]} does not exist, or you do not have access to it.`;
        return new RemoteAccessError('device-not-found', { detail });
      }
    }
    return gateways;
  }

  private async allGateways(credentials: CallerCredentials): Promise<Gateway[] | Refusal> {
    const platform = this.cumulocity.as(credentials);
    const gateways: Gateway[] = [];
    for (let page = 1; ; page += 1) {
      const found = await platform.managedObjectsWith(FRAGMENTS.list, page, PAGE_SIZE);
      gateways.push(...found.map(one => new Gateway(one)));
      if (found.length < PAGE_SIZE) return gateways;
      if (gateways.length >= TRANSFER_LIMITS.devices) {
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
