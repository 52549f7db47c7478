import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import type { Response } from 'express';
import { KeyRing } from '../credentials/key-ring';
import { TenantDirectory } from '../platform/tenant-directory';

type Status = 'UP' | 'DOWN';

/**
 * Probes of the manifest, and the address by which UIs find out whether the service is there.
 * Open to everybody, so it tells no names.
 */
@Controller('health')
export class HealthController {
  constructor(
    private readonly tenants: TenantDirectory,
    private readonly keys: KeyRing,
  ) {}

  @Get()
  health(@Res({ passthrough: true }) response: Response): object {
    const { status } = this.readiness(response);
    const tenantsWithoutKey = this.keys.tenantsWithoutKey().length;
    return {
      status,
      components: {
        platform: { status },
        keyMaterial: { status: tenantsWithoutKey === 0 ? 'UP' : 'DOWN', tenantsWithoutKey },
      },
    };
  }

  @Get('liveness')
  liveness(): { status: Status } {
    return { status: 'UP' };
  }

  /** Ready once the subscribed tenants are known. */
  @Get('readiness')
  readiness(@Res({ passthrough: true }) response: Response): { status: Status } {
    if (this.tenants.known) return { status: 'UP' };
    response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: 'DOWN' };
  }
}
