import { Global, Module } from '@nestjs/common';
import { Cumulocity } from './cumulocity';
import { OperationWatch } from './operation-watch';
import { ServiceAccounts } from './service-accounts';
import { TenantDirectory } from './tenant-directory';

@Global()
@Module({
  providers: [Cumulocity, OperationWatch, ServiceAccounts, TenantDirectory],
  exports: [Cumulocity, OperationWatch, TenantDirectory],
})
export class PlatformModule {}
