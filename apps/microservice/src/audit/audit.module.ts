import { Global, Module } from '@nestjs/common';
import { AuditTrail } from './audit-trail';
import { RefusedAttempts } from './refused-attempts';
import { ServiceObject } from './service-object';

@Global()
@Module({
  providers: [AuditTrail, RefusedAttempts, ServiceObject],
  exports: [AuditTrail, RefusedAttempts],
})
export class AuditModule {}
