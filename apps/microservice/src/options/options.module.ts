import { Global, Module } from '@nestjs/common';
import { TenantOptions } from './tenant-options';

@Global()
@Module({ providers: [TenantOptions], exports: [TenantOptions] })
export class OptionsModule {}
