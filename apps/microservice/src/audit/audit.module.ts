import { Global, Module } from '@nestjs/common';
import { AuditTrail } from './audit-trail';
import { InterruptedSessions } from './interrupted-sessions';
import { RefusedAttempts } from './refused-attempts';
import { ServiceObject } from './service-object';
import { ServiceProcess } from './service-process';

@Global()
@Module({
  providers: [AuditTrail, InterruptedSessions, RefusedAttempts, ServiceObject, ServiceProcess],
  exports: [AuditTrail, RefusedAttempts, ServiceProcess],
})
export class AuditModule {}
