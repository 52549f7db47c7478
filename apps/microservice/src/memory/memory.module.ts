import { Global, Module } from '@nestjs/common';
import { type Settings, SETTINGS } from '../settings/settings';
import { MemoryBudget, memoryLimits } from './memory-budget';

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
export class MemoryModule {}
