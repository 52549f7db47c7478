import { Global, Module } from '@nestjs/common';
import { Cumulocity } from './cumulocity';
import { ServiceAccounts } from './service-accounts';
import { TenantChannels } from './tenant-channels';
import { TenantDirectory } from './tenant-directory';

@Global()
@Module({
  providers: [Cumulocity, ServiceAccounts, TenantChannels, TenantDirectory],
  exports: [Cumulocity, TenantChannels, TenantDirectory, ServiceAccounts],
})
export class PlatformModule {}
