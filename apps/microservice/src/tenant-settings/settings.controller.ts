import { Controller, Get, Global, Module, Put, Req } from '@nestjs/common';
import { orThrow, RemoteAccessError, type ShownSettings } from '@remote-access/contracts';
import type { Request } from 'express';
import { AccessPolicy } from '../access/access-policy';
import { ApiRoute } from '../api-description/api-route';
import { schemaRef } from '../api-description/schemas';
import { SETTINGS_BODY_EXAMPLE, SETTINGS_EXAMPLE } from '../api-description/service-schemas';
import { RequestBodies } from '../http/request-body';
import { CallerCredentials } from '../platform/caller-credentials';
import { ConnectConditions } from './connect-conditions';
import { readSettingsBody } from './settings-body';
import { SettingsEditor } from './settings-editor';
import { TenantOptions } from './tenant-options';

const ANSWER = {
  status: 200,
  text: 'The current settings.',
  schema: schemaRef('Settings'),
  example: SETTINGS_EXAMPLE,
};

/** The settings that an administrator makes for the whole tenant. */
@Controller('settings')
export class SettingsController {
  constructor(
    private readonly access: AccessPolicy,
    private readonly editor: SettingsEditor,
    private readonly bodies: RequestBodies,
  ) {}

  @Get()
  @ApiRoute({
    summary: 'Returns the settings of the tenant',
    details: 'Needs READ for "Remote access", or ADMIN for "Option management".',
    answers: [ANSWER],
    refusals: ['forbidden'],
  })
  async show(@Req() request: Request): Promise<ShownSettings> {
    const caller = orThrow(await this.access.caller(CallerCredentials.from(request)));
    orThrow(this.access.maySeeSettings(caller));
    return this.editor.show(caller.tenant);
  }

  @Put()
  @ApiRoute({
    summary: 'Replaces the settings of the tenant',
    details: 'Needs ADMIN for "Option management". Written with the credentials of the caller.',
    body: { schema: schemaRef('SettingsBody'), example: SETTINGS_BODY_EXAMPLE },
    answers: [ANSWER],
    refusals: ['forbidden', 'conflict', 'invalid-settings'],
  })
  async replace(@Req() request: Request): Promise<ShownSettings> {
    const credentials = CallerCredentials.from(request);
    if (!credentials) throw new RemoteAccessError('unauthenticated');
    const caller = orThrow(await this.access.caller(credentials));
    orThrow(this.access.mayChangeSettings(caller));
    const settings = orThrow(readSettingsBody(await this.bodies.read(request, caller)));
    return this.editor.replace(caller, credentials, settings);
  }
}

@Global()
@Module({
  controllers: [SettingsController],
  providers: [ConnectConditions, SettingsEditor, TenantOptions],
  exports: [ConnectConditions, SettingsEditor, TenantOptions],
})
export class TenantSettingsModule {}
