import { Module, type DynamicModule } from '@nestjs/common';
import { AccessModule } from './access/access.module';
import { ApiDescriptionModule } from './api-description/api-description.module';
import { AuditModule } from './audit/audit.module';
import { CredentialsModule } from './credentials/credentials.module';
import { EndpointsModule } from './endpoints/endpoints.module';
import { HealthModule } from './health/health.module';
import { HostKeyFetchModule } from './host-key-fetch/host-key-fetch.module';
import { HostKeysModule } from './host-keys/host-keys.module';
import { KeysModule } from './keys/keys.module';
import { ObserveModule } from './observe/observe.module';
import { OperationsModule } from './operations/operations.module';
import { OptionsModule } from './options/options.module';
import { PlatformModule } from './platform/platform.module';
import { ProtocolsModule } from './protocols/protocols.module';
import { ResealModule } from './reseal/reseal.module';
import { SessionsModule } from './sessions/sessions.module';
import type { Settings } from './settings/settings';
import { SettingsModule } from './settings/settings.module';
import { TransferModule } from './transfer/transfer.module';

/** The whole microservice. */
@Module({
  imports: [
    ObserveModule,
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
