import { Global, Module } from '@nestjs/common';
import { OperationDesk } from './operation-desk';

@Global()
@Module({ providers: [OperationDesk], exports: [OperationDesk] })
export class OperationsModule {}
