import { Global, Module } from '@nestjs/common';
import { OperationDesk } from './operation-desk';
import { OperationSweeper } from './operation-sweeper';

@Global()
@Module({ providers: [OperationDesk, OperationSweeper], exports: [OperationDesk] })
export class OperationsModule {}
