import { Global, Module } from '@nestjs/common';
import { ConnectConditions } from './connect-conditions';
import { SettingsEditor } from './settings-editor';
import { SettingsController } from './settings.controller';
import { TenantOptions } from './tenant-options';

@Global()
@Module({
  controllers: [SettingsController],
  providers: [ConnectConditions, SettingsEditor, TenantOptions],
  exports: [ConnectConditions, SettingsEditor, TenantOptions],
})
export class TenantSettingsModule {}
