import { Body, Controller, Get, Put, Req } from '@nestjs/common';
import { RemoteAccessError, type ShownSettings } from '@remote-access/contracts';
import type { Request } from 'express';
import { AccessPolicy } from '../access/access-policy';
import { granted } from '../access/granted';
import { CallerCredentials } from '../platform/caller-credentials';
import { readSettingsBody } from './settings-body';
import { SettingsEditor } from './settings-editor';

/** What an administrator sets for the whole tenant. */
@Controller('settings')
export class SettingsController {
  constructor(
    private readonly access: AccessPolicy,
    private readonly editor: SettingsEditor,
  ) {}

  @Get()
  async show(@Req() request: Request): Promise<ShownSettings> {
    const caller = granted(await this.access.caller(CallerCredentials.from(request)));
    granted(this.access.maySeeSettings(caller));
    return this.editor.show(caller.tenant);
  }

  @Put()
  async replace(@Req() request: Request, @Body() body: unknown): Promise<ShownSettings> {
    const credentials = CallerCredentials.from(request);
    if (!credentials) throw new RemoteAccessError('unauthenticated');
    const caller = granted(await this.access.caller(credentials));
    granted(this.access.mayChangeSettings(caller));
    return this.editor.replace(caller, credentials, granted(readSettingsBody(body)));
  }
}
