import { Global, Module } from '@nestjs/common';
import { HostKeyKeeper } from './host-key-keeper';
import { HostKeyPolicy } from './host-key-policy';

@Global()
@Module({ providers: [HostKeyKeeper, HostKeyPolicy], exports: [HostKeyPolicy] })
export class HostKeysModule {}
