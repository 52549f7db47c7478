import { Global, Module } from '@nestjs/common';
import { Cumulocity } from './cumulocity';
import { OperationWatch } from './operation-watch';
import { ServiceAccounts } from './service-accounts';
import { TenantChannels } from './tenant-channels';
import { TenantDirectory } from './tenant-directory';

@Global()
@Module({
  providers: [Cumulocity, OperationWatch, ServiceAccounts, TenantChannels, TenantDirectory],
  exports: [Cumulocity, OperationWatch, TenantChannels, TenantDirectory],
})
export class PlatformModule {}
