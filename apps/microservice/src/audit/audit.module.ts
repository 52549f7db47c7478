import { Global, Module } from '@nestjs/common';
import { AuditTrail, ServiceObject } from './audit-trail';
import { InterruptedSessions, ServiceProcess } from './interrupted-sessions';
import { RefusedAttempts } from './refused-attempts';

@Global()
@Module({
  providers: [AuditTrail, InterruptedSessions, RefusedAttempts, ServiceObject, ServiceProcess],
  exports: [AuditTrail, RefusedAttempts, ServiceProcess],
})
export class AuditModule {}
