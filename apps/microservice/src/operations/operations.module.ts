import { Global, Module } from '@nestjs/common';
import { ConnectOperations } from './connect-operations';
import { OperationSweeper } from './operation-sweeper';
import { OperationWatch } from './operation-watch';

@Global()
@Module({
  providers: [ConnectOperations, OperationSweeper, OperationWatch],
  exports: [ConnectOperations, OperationWatch],
})
export class OperationsModule {}
