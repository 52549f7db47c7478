import { type DynamicModule, Global, Module } from '@nestjs/common';
import { AccessModule } from './access/access-policy';
import { ApiDescriptionModule } from './api-description/api-document';
import { AuditModule } from './audit/audit.module';
import { ClusterModule } from './cluster/cluster.module';
import { ConnectModule } from './connect/connect.module';
import { EndpointsModule } from './endpoints/endpoints.module';
import { GatewayCallModule } from './gateway-call/device.gateway';
import { HealthModule } from './health/health.controller';
import { HostKeysModule } from './host-keys/host-key-fetch.controller';
import { RequestBodiesModule } from './http/request-body';
import { KeysModule } from './keys/keypair.controller';
import { LoggingModule } from './logging/log';
import { MemoryBudget, memoryLimits } from './memory/memory-budget';
import { MetricsModule } from './metrics/metrics-server';
import { OperationsModule } from './operations/operation-sweeper';
import { PlatformModule } from './platform/platform.module';
import { ProtocolsModule } from './protocols/protocol-drivers';
import { SecretsModule } from './secrets/secret-vault';
import { type Settings, SETTINGS } from './settings/settings';
import { TenantSettingsModule } from './tenant-settings/settings.controller';
import { TracingModule } from './tracing/tracing.module';
import { TransferModule } from './transfer/transfer.controller';

/** Makes the settings injectable everywhere under the token SETTINGS. */
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

/** Makes the memory budget of the process injectable everywhere. */
@Global()
@Module({
  providers: [
    {
      provide: MemoryBudget,
      useFactory: ({ memoryLimitBytes, isolation }: Settings) =>
        new MemoryBudget(memoryLimits(memoryLimitBytes, isolation === 'PER_TENANT')),
      inject: [SETTINGS],
    },
  ],
  exports: [MemoryBudget],
})
class MemoryModule {}

/** The whole microservice. */
@Module({
  imports: [
    LoggingModule,
    MemoryModule,
    MetricsModule,
    TracingModule,
    ClusterModule,
    PlatformModule,
    TenantSettingsModule,
    AccessModule,
    AuditModule,
    SecretsModule,
    KeysModule,
    EndpointsModule,
    HealthModule,
    HostKeysModule,
    OperationsModule,
    GatewayCallModule,
    ProtocolsModule,
    ConnectModule,
    TransferModule,
    RequestBodiesModule,
    ApiDescriptionModule,
  ],
})
export class AppModule {
  static for(settings: Settings): DynamicModule {
    return { module: AppModule, imports: [SettingsModule.for(settings)] };
  }
}
