import { Global, Module } from '@nestjs/common';
import { AccessPolicy } from './access-policy';
import { FailedSignIns } from './failed-attempts';

@Global()
@Module({ providers: [AccessPolicy, FailedSignIns], exports: [AccessPolicy, FailedSignIns] })
export class AccessModule {}
