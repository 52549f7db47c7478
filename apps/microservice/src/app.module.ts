import { type DynamicModule, Module } from '@nestjs/common';
import { AccessModule } from './access/access.module';
import { ApiDescriptionModule } from './api-description/api-description.module';
import { AuditModule } from './audit/audit.module';
import { CredentialsModule } from './credentials/credentials.module';
import { EndpointsModule } from './endpoints/endpoints.module';
import { HealthModule } from './health/health.module';
import { HostKeyFetchModule } from './host-key-fetch/host-key-fetch.module';
import { HostKeysModule } from './host-keys/host-keys.module';
import { KeysModule } from './keys/keys.module';
import { LoggingModule } from './logging/log';
import { OperationsModule } from './operations/operations.module';
import { OptionsModule } from './options/options.module';
import { PlatformModule } from './platform/platform.module';
import { ProtocolsModule } from './protocols/protocols.module';
import { ResealModule } from './reseal/reseal.module';
import { SessionsModule } from './sessions/sessions.module';
import { type Settings, SETTINGS } from './settings/settings';
import { TransferModule } from './transfer/transfer.module';

/** Makes the settings injectable everywhere, by the token SETTINGS. */
@Module({})
class SettingsModule {
  static for(settings: Settings): DynamicModule {
    return {
      module: SettingsModule,
      global: true,
      providers: [{ provide: SETTINGS, useValue: settings }],
      exports: [SETTINGS],
    };
  }
}

/** The whole microservice. */
@Module({
  imports: [
    LoggingModule,
    PlatformModule,
    OptionsModule,
    AccessModule,
    AuditModule,
    CredentialsModule,
    KeysModule,
    EndpointsModule,
    HealthModule,
    HostKeysModule,
    OperationsModule,
    ProtocolsModule,
    SessionsModule,
    HostKeyFetchModule,
    TransferModule,
    ResealModule,
    ApiDescriptionModule,
  ],
})
export class AppModule {
  static for(settings: Settings): DynamicModule {
    return { module: AppModule, imports: [SettingsModule.for(settings)] };
  }
}
