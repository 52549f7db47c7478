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
import { EndpointDirectory } from '../endpoints/endpoint-directory';
import type { CallerCredentials } from '../platform/caller-credentials';
import { Cumulocity } from '../platform/cumulocity';
import { mapConcurrently } from '../concurrency/map-concurrently';
import type { EXPORT_COLUMNS } from './transfer-columns';

/** Devices asked for at the same time. */
const WIDTH = 4;

const PAGE_SIZE = 200;

/** An endpoint in flat form with its gateway; no secret, no stand-in. */
export type ExportedEndpoint = Partial<Record<(typeof EXPORT_COLUMNS)[number], unknown>>;

/** Writes down the endpoints of many gateways, each read with the caller's own credentials. */
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
      ? await this.named(credentials, deviceIds)
      : await this.all(credentials);
    if (isRefusal(gateways)) return gateways;
    return gateways.flatMap(gateway => this.flat(gateway));
  }

  private async named(
    credentials: CallerCredentials,
    deviceIds: readonly string[],
  ): Promise<Gateway[] | Refusal> {
    const found = await mapConcurrently(deviceIds, WIDTH, id =>
      this.access.device(credentials, id),
    );
    const gateways: Gateway[] = [];
    for (const [index, one] of found.entries()) {
      if (!isRefusal(one)) gateways.push(one);
      else if (one.code !== 'device-not-found') return one;
      else {
        const detail = `The device ${deviceIds[index]} does not exist or you may not see it.`;
        return new RemoteAccessError('device-not-found', { detail });
      }
    }
    return gateways;
  }

  private async all(credentials: CallerCredentials): Promise<Gateway[] | Refusal> {
    const platform = this.cumulocity.as(credentials);
    const gateways: Gateway[] = [];
    for (let page = 1; ; page += 1) {
      const found = await platform.managedObjectsWith(FRAGMENTS.list, page, PAGE_SIZE);
      gateways.push(...found.map(one => new Gateway(one)));
      if (found.length < PAGE_SIZE) return gateways;
      if (gateways.length >= TRANSFER_LIMITS.devices) {
        const detail = `There are more than ${TRANSFER_LIMITS.devices} gateways: name some in deviceIds.`;
        return new RemoteAccessError('payload-too-large', { detail });
      }
    }
  }

  private flat(gateway: Gateway): ExportedEndpoint[] {
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
