import { Global, Module } from '@nestjs/common';
import { Cumulocity, ServiceAccounts } from './cumulocity';
import { TenantChannels } from './tenant-channels';
import { TenantDirectory } from './tenant-directory';

@Global()
@Module({
  providers: [Cumulocity, ServiceAccounts, TenantChannels, TenantDirectory],
  exports: [Cumulocity, TenantChannels, TenantDirectory, ServiceAccounts],
})
export class PlatformModule {}
