import { Module } from '@nestjs/common';
import { SessionsModule } from '../sessions/sessions.module';
import { HostKeyFetchController } from './host-key-fetch.controller';
import { HostKeyFetcher } from './host-key-fetcher';

@Module({
  imports: [SessionsModule],
  controllers: [HostKeyFetchController],
  providers: [HostKeyFetcher],
})
export class HostKeyFetchModule {}
