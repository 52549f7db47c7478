import { Global, Module } from '@nestjs/common';
import { AuditTrail, ServiceObject } from './audit-trail';
import { InterruptedSessions, ServiceProcess } from './interrupted-sessions';
import { RefusedAttempts } from './refused-attempts';
import { SignsOfLife } from './signs-of-life';

@Global()
@Module({
  providers: [
    AuditTrail,
    InterruptedSessions,
    RefusedAttempts,
    ServiceObject,
    ServiceProcess,
    SignsOfLife,
  ],
  exports: [AuditTrail, RefusedAttempts, ServiceProcess, SignsOfLife],
})
export class AuditModule {}
