import {
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Patch,
  Post,
  Put,
  Req,
  Res,
} from '@nestjs/common';
import { orThrow } from '@remote-access/contracts';
import type { Request, Response } from 'express';
import { ApiRoute } from '../api-description/api-route';
import { ENDPOINT_BODY_EXAMPLE, ENDPOINT_EXAMPLE } from '../api-description/endpoint-schemas';
import { schemaRef } from '../api-description/schemas';
import { AccessPolicy, type GatewayAccess, type Purpose } from '../access/access-policy';
import { RequestBodies } from '../http/request-body';
import { CallerCredentials } from '../platform/caller-credentials';
import { EndpointDirectory, type EndpointView } from './endpoint-directory';
import { EndpointEditor, type WrittenEndpoint } from './endpoint-editor';
import { EndpointListWriter } from './endpoint-list-writer';

const ENDPOINT = { schema: schemaRef('Endpoint'), example: ENDPOINT_EXAMPLE };
const BODY = { schema: schemaRef('EndpointBody'), example: ENDPOINT_BODY_EXAMPLE };
const PATCH = { schema: schemaRef('EndpointPatch'), example: { name: 'Line controller 2' } };

const FORBIDDEN = ['forbidden', 'device-not-found'] as const;
const MISSING = [...FORBIDDEN, 'endpoint-not-found'] as const;
const NOT_STORED = [
  'invalid-endpoint',
  'passphrase-needed',
  'not-capable',
  'protocol-not-allowed',
  'too-many-requests',
  'no-key-material',
  'conflict',
] as const;

const IF_MATCH =
  'With If-Match (the ETag of GET), an endpoint that has changed in the meantime is left as it is.';

function answered(response: Response, { view, tag }: WrittenEndpoint): EndpointView {
  response.setHeader('ETag', tag);
  return view;
}

/** The endpoints of a gateway: flat in requests, nested in responses. */
@Controller('devices/:deviceId/configurations')
export class EndpointsController {
  constructor(
    private readonly access: AccessPolicy,
    private readonly directory: EndpointDirectory,
    private readonly editor: EndpointEditor,
    private readonly writer: EndpointListWriter,
    private readonly bodies: RequestBodies,
  ) {}

  /** A bare array, because go-c8y-cli accepts no other form. */
  @Get()
  @ApiRoute({
    summary: 'Lists the endpoints of a gateway',
    details:
      'An array without paging. Damaged entries and secrets that cannot be decrypted are included and marked.',
    answers: [
      {
        status: 200,
        text: 'All endpoints, in order.',
        schema: { type: 'array', items: ENDPOINT.schema },
        example: [ENDPOINT_EXAMPLE],
      },
    ],
    refusals: FORBIDDEN,
  })
  async list(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
  ): Promise<EndpointView[]> {
    const { caller, gateway } = await this.authorize(request, deviceId, 'read');
    return this.directory.checkedList(caller.tenant, gateway);
  }

  @Get(':id')
  @ApiRoute({
    summary: 'Returns an endpoint',
    details: 'The ETag of the answer is for the If-Match of PUT and PATCH.',
    answers: [{ status: 200, text: 'The endpoint.', ...ENDPOINT }],
    refusals: MISSING,
  })
  async one(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Param('deviceId') deviceId: string,
    @Param('id') id: string,
  ): Promise<EndpointView> {
    const { caller, gateway } = await this.authorize(request, deviceId, 'read');
    const view = orThrow(await this.directory.show(caller.tenant, gateway, id));
    response.setHeader('ETag', this.directory.tagOf(gateway, id) ?? '');
    return view;
  }

  @Post()
  @ApiRoute({
    summary: 'Adds an endpoint',
    body: BODY,
    answers: [{ status: 201, text: 'The endpoint as stored.', ...ENDPOINT }],
    refusals: [...FORBIDDEN, ...NOT_STORED],
  })
  async create(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Param('deviceId') deviceId: string,
  ): Promise<EndpointView> {
    const { caller, gateway } = await this.authorize(request, deviceId, 'configure');
    const body = await this.bodies.read(request, caller);
    return answered(response, orThrow(await this.editor.create(caller, gateway, body)));
  }

  @Put(':id')
  @ApiRoute({
    summary: 'Replaces an endpoint',
    details:
      'The complete new state: absent fields are cleared, but absent secrets and options are kept. ' +
      'Of an endpoint that was changed outside the service only a private key is kept. ' +
      IF_MATCH,
    body: BODY,
    answers: [{ status: 200, text: 'The endpoint as stored.', ...ENDPOINT }],
    refusals: [...MISSING, ...NOT_STORED, 'endpoint-modified'],
  })
  async replace(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Headers('if-match') ifMatch: string | undefined,
    @Param('deviceId') deviceId: string,
    @Param('id') id: string,
  ): Promise<EndpointView> {
    const { caller, gateway } = await this.authorize(request, deviceId, 'configure');
    const body = await this.bodies.read(request, caller);
    const written = await this.editor.replace(caller, gateway, id, body, ifMatch);
    return answered(response, orThrow(written));
  }

  @Patch(':id')
  @ApiRoute({
    summary: 'Changes some fields of an endpoint',
    details:
      'An endpoint that was changed outside the service is only changed with its `seen`, which ' +
      'confirms it. ' +
      IF_MATCH,
    body: { ...PATCH, mediaTypes: ['application/merge-patch+json', 'application/json'] },
    answers: [{ status: 200, text: 'The endpoint as stored.', ...ENDPOINT }],
    refusals: [...MISSING, ...NOT_STORED, 'endpoint-unconfirmed', 'endpoint-modified'],
  })
  async update(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Headers('if-match') ifMatch: string | undefined,
    @Param('deviceId') deviceId: string,
    @Param('id') id: string,
  ): Promise<EndpointView> {
    const { caller, gateway } = await this.authorize(request, deviceId, 'configure');
    const body = await this.bodies.read(request, caller);
    const written = await this.editor.update(caller, gateway, id, body, ifMatch);
    return answered(response, orThrow(written));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiRoute({
    summary: 'Removes an endpoint',
    answers: [{ status: 204, text: 'The endpoint has been removed.' }],
    refusals: [...MISSING, 'conflict'],
  })
  async remove(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
    @Param('id') id: string,
  ): Promise<void> {
    const { caller, gateway } = await this.authorize(request, deviceId, 'configure');
    orThrow(await this.editor.remove(caller, gateway, id));
  }

  private async authorize(
    request: Request,
    deviceId: string,
    purpose: Purpose,
  ): Promise<GatewayAccess> {
    const credentials = CallerCredentials.from(request);
    if (credentials && purpose === 'configure') orThrow(this.writer.refusal());
    return orThrow(await this.access.authorize(credentials, deviceId, purpose));
  }
}
