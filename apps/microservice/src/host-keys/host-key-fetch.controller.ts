import { Controller, Global, HttpCode, Module, Param, Post, Req } from '@nestjs/common';
import {
  type FetchedHostKeys,
  type HostKeyFetchBody,
  orThrow,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import type { Request } from 'express';
import { AccessPolicy } from '../access/access-policy';
import { ApiRoute } from '../api-description/api-route';
import { FETCHED_HOST_KEYS_EXAMPLE } from '../api-description/key-schemas';
import { schemaRef } from '../api-description/schemas';
import { BodyReader, isObject } from '../endpoints/body-reader';
import { invalidEndpoint } from '../endpoints/endpoint-draft';
import { RequestBodies } from '../http/request-body';
import { ConnectConditions } from '../tenant-settings/connect-conditions';
import { CallerCredentials } from '../platform/caller-credentials';
import { HostKeyFetcher } from './host-key-fetcher';
import { HostKeyTrust } from './host-key-trust';
import { HostKeyWriter } from './host-key-writer';

/** Shows an administrator the keys of a server, so that they can be pinned. */
@Controller('devices/:deviceId/host-keys')
export class HostKeyFetchController {
  constructor(
    private readonly policy: AccessPolicy,
    private readonly conditions: ConnectConditions,
    private readonly fetcher: HostKeyFetcher,
    private readonly bodies: RequestBodies,
  ) {}

  @Post('fetch')
  @HttpCode(200)
  @ApiRoute({
    summary: 'Fetches the host keys of an SSH server through the gateway',
    details: [
      'The gateway connects once per key type, with operations in the name of the caller. Nobody',
      'signs in. Whether the keys are authentic is for the caller to judge.',
    ].join(' '),
    body: {
      schema: schemaRef('HostKeyFetchBody'),
      example: { hostname: '10.0.0.5', port: 22 },
    },
    answers: [
      {
        status: 200,
        text: 'One key of each type, the preferred one first.',
        schema: schemaRef('FetchedHostKeys'),
        example: FETCHED_HOST_KEYS_EXAMPLE,
      },
    ],
    refusals: [
      'forbidden',
      'remote-access-off',
      'device-not-found',
      'invalid-endpoint',
      'not-capable',
      'protocol-not-allowed',
      'too-many-requests',
      'gateway-refused',
      'gateway-lost',
      'gateway-protocol',
      'gateway-timeout',
      'target-failed',
      'target-timeout',
      'shutting-down',
    ],
  })
  async fetch(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
  ): Promise<FetchedHostKeys> {
    const credentials = CallerCredentials.from(request);
    const access = orThrow(await this.policy.authorize(credentials, deviceId, 'configure'));
    const off = await this.conditions.refusal(access.caller.tenant);
    if (off) throw off;
    const target = orThrow(readHostKeyFetchBody(await this.bodies.read(request, access.caller)));
    const refusal = access.gateway.refusalOf('SSH');
    if (refusal) throw refusal;
    const hostKeys = orThrow(await this.fetcher.fetch(access, credentials!, target));
    return { hostKeys };
  }
}

/** @returns `malformed-request`; `invalid-endpoint` with the texts of an endpoint's fields */
function readHostKeyFetchBody(body: unknown): Required<HostKeyFetchBody> | Refusal {
  if (!isObject(body)) {
    return new RemoteAccessError('malformed-request', { detail: 'The body must be an object.' });
  }
  const reader = new BodyReader(body);
  const hostname = reader.hostname();
  const port = reader.port();
  const legacyAlgorithms =
    reader.has('legacyAlgorithms') && reader.flag('legacyAlgorithms') === true;
  if (reader.problems.length > 0) return invalidEndpoint(reader.problems);
  return { hostname, port, legacyAlgorithms };
}

@Global()
@Module({
  controllers: [HostKeyFetchController],
  providers: [HostKeyFetcher, HostKeyTrust, HostKeyWriter],
  exports: [HostKeyTrust],
})
export class HostKeysModule {}
