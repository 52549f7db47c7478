import { Global, Module } from '@nestjs/common';
import { HostKeyFetchController } from './host-key-fetch.controller';
import { HostKeyFetcher } from './host-key-fetcher';
import { HostKeyTrust } from './host-key-trust';
import { HostKeyWriter } from './host-key-writer';

@Global()
@Module({
  controllers: [HostKeyFetchController],
  providers: [HostKeyFetcher, HostKeyTrust, HostKeyWriter],
  exports: [HostKeyTrust],
})
export class HostKeysModule {}
