import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Patch,
  Post,
  Put,
  Req,
} from '@nestjs/common';
import type { Request } from 'express';
import { AccessPolicy, type Admission, type Purpose } from '../access/access-policy';
import { granted } from '../access/granted';
import { CallerCredentials } from '../platform/caller-credentials';
import { EndpointDirectory } from './endpoint-directory';
import { EndpointEditor } from './endpoint-editor';
import type { ShownEndpoint } from './shown-endpoint';

/** CONTRACT.md section 2: the endpoints of a gateway, flat in, nested out. */
@Controller('devices/:deviceId/configurations')
export class EndpointsController {
  constructor(
    private readonly access: AccessPolicy,
    private readonly directory: EndpointDirectory,
    private readonly editor: EndpointEditor,
  ) {}

  /** A bare array: go-c8y-cli reads no other form. Answers HEAD too. */
  @Get()
  async list(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
  ): Promise<ShownEndpoint[]> {
    const { gateway } = await this.admit(request, deviceId, 'read');
    return this.directory.list(gateway);
  }

  @Get(':id')
  async one(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
    @Param('id') id: string,
  ): Promise<ShownEndpoint> {
    const { gateway } = await this.admit(request, deviceId, 'read');
    return granted(this.directory.show(gateway, id));
  }

  @Post()
  async create(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
    @Body() body: unknown,
  ): Promise<ShownEndpoint> {
    const { caller, gateway } = await this.admit(request, deviceId, 'configure');
    return granted(await this.editor.create(caller, gateway, body));
  }

  @Put(':id')
  async replace(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<ShownEndpoint> {
    const { caller, gateway } = await this.admit(request, deviceId, 'configure');
    return granted(await this.editor.replace(caller, gateway, id, body));
  }

  @Patch(':id')
  async update(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<ShownEndpoint> {
    const { caller, gateway } = await this.admit(request, deviceId, 'configure');
    return granted(await this.editor.update(caller, gateway, id, body));
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
    @Param('id') id: string,
  ): Promise<void> {
    const { caller, gateway } = await this.admit(request, deviceId, 'configure');
    granted(await this.editor.remove(caller, gateway, id));
  }

  private async admit(request: Request, deviceId: string, purpose: Purpose): Promise<Admission> {
    const credentials = CallerCredentials.from(request);
    return granted(await this.access.admit(credentials, deviceId, purpose));
  }
}
