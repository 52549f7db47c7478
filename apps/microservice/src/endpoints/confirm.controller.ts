import { Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import {
  type ChangedEndpoints,
  type ConfirmBody,
  type ConfirmReference,
  type ConfirmReport,
  LIMITS,
  MAX_CONFIRMED,
  orThrow,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import type { Request } from 'express';
import { AccessPolicy } from '../access/access-policy';
import { ApiRoute } from '../api-description/api-route';
import {
  CHANGED_EXAMPLE,
  CONFIRM_BODY_EXAMPLE,
  CONFIRM_MANY_EXAMPLE,
  CONFIRM_REPORT_EXAMPLE,
} from '../api-description/confirmation-schemas';
import { ENDPOINT_EXAMPLE } from '../api-description/endpoint-schemas';
import { schemaRef } from '../api-description/schemas';
import { RequestBodies } from '../http/request-body';
import { CallerCredentials } from '../platform/caller-credentials';
import { isObject } from './body-reader';
import { EndpointConfirmer } from './endpoint-confirmer';
import type { EndpointView } from './endpoint-directory';
import { EndpointListWriter } from './endpoint-list-writer';

/** Confirms endpoints that were changed outside the service. */
@Controller()
export class ConfirmController {
  constructor(
    private readonly access: AccessPolicy,
    private readonly confirmer: EndpointConfirmer,
    private readonly writer: EndpointListWriter,
    private readonly bodies: RequestBodies,
  ) {}

  @Post('devices/:deviceId/configurations/:id/confirm')
  @HttpCode(200)
  @ApiRoute({
    summary: 'Confirms an endpoint that was changed outside the service',
    details:
      'Takes the entry over exactly as it was seen. The password is needed unless the stored one ' +
      'still belongs to the entry; a private key is kept.',
    body: { schema: schemaRef('ConfirmBody'), example: CONFIRM_BODY_EXAMPLE },
    answers: [
      {
        status: 200,
        text: 'The endpoint, to which users can connect again.',
        schema: schemaRef('Endpoint'),
        example: ENDPOINT_EXAMPLE,
      },
    ],
    refusals: [
      'forbidden',
      'device-not-found',
      'endpoint-not-found',
      'invalid-endpoint',
      'conflict',
      'no-key-material',
    ],
  })
  async confirm(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
    @Param('id') id: string,
  ): Promise<EndpointView> {
    const credentials = CallerCredentials.from(request);
    if (credentials) orThrow(this.writer.refusal());
    const { caller, gateway } = orThrow(
      await this.access.authorize(credentials, deviceId, 'configure'),
    );
    const { seen, password } = orThrow(readConfirmBody(await this.bodies.read(request, caller)));
    return orThrow(await this.confirmer.confirm(caller, gateway.id, { id, seen }, password));
  }

  @Get('configurations/changed')
  @ApiRoute({
    summary: 'Lists the endpoints that were changed outside the service',
    details: `Of all gateways that the caller may see, at most ${MAX_CONFIRMED}.`,
    answers: [
      {
        status: 200,
        text: 'The endpoints, with what confirms them.',
        schema: schemaRef('ChangedEndpoints'),
        example: CHANGED_EXAMPLE,
      },
    ],
    refusals: ['forbidden'],
  })
  async changed(@Req() request: Request): Promise<ChangedEndpoints> {
    const credentials = CallerCredentials.from(request);
    if (!credentials) throw new RemoteAccessError('unauthenticated');
    const caller = orThrow(await this.access.caller(credentials));
    orThrow(this.access.mayRead(caller));
    return this.confirmer.changed(caller.tenant, credentials);
  }

  @Post('configurations/confirm')
  @HttpCode(200)
  @ApiRoute({
    summary: 'Confirms many endpoints that were changed outside the service',
    details:
      'For programs that write endpoints themselves. Endpoints are independent, and the report ' +
      `covers each of them. The limit is ${MAX_CONFIRMED} endpoints.`,
    body: { schema: schemaRef('ConfirmManyBody'), example: CONFIRM_MANY_EXAMPLE },
    answers: [
      {
        status: 200,
        text: 'The outcome for each endpoint.',
        schema: schemaRef('ConfirmReport'),
        example: CONFIRM_REPORT_EXAMPLE,
      },
    ],
    refusals: ['forbidden'],
  })
  async confirmMany(@Req() request: Request): Promise<ConfirmReport> {
    const credentials = CallerCredentials.from(request);
    if (!credentials) throw new RemoteAccessError('unauthenticated');
    orThrow(this.writer.refusal());
    const caller = orThrow(await this.access.caller(credentials));
    orThrow(this.access.mayConfigureSome(caller));
    const references = orThrow(readReferences(await this.bodies.read(request, caller)));
    return this.confirmer.confirmAll(caller, credentials, references);
  }
}

/** @returns `malformed-request` */
function readConfirmBody(body: unknown): ConfirmBody | Refusal {
  if (!isObject(body)) return malformed('The body must be an object');
  const { seen, password } = body;
  if (typeof seen !== 'string') return malformed('seen must be text');
  if (password === undefined || password === null || password === '') return { seen };
  if (typeof password !== 'string' || password.length > LIMITS.password) {
    return malformed(`password must be text of at most ${LIMITS.password} characters`);
  }
  return { seen, password };
}

/** @returns `malformed-request`, `payload-too-large` */
function readReferences(body: unknown): ConfirmReference[] | Refusal {
  const endpoints = isObject(body) ? body['endpoints'] : undefined;
  if (!Array.isArray(endpoints)) return malformed('endpoints must be an array');
  if (endpoints.length > MAX_CONFIRMED) return new RemoteAccessError('payload-too-large');
  const references: ConfirmReference[] = [];
  for (const one of endpoints as unknown[]) {
    const { deviceId, id, seen } = isObject(one) ? one : ({} as Record<string, unknown>);
    if (typeof deviceId !== 'string' || typeof id !== 'string' || typeof seen !== 'string') {
      return malformed('Every endpoint must have deviceId, id and seen');
    }
    references.push({ deviceId, id, seen });
  }
  return references;
}

function malformed(reason: string): Refusal {
  return new RemoteAccessError('malformed-request', { detail: `${reason}.` });
}
