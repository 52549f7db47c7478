import { Controller, Get, HttpStatus, Module, Res } from '@nestjs/common';
import type { Response } from 'express';
import { ApiRoute } from '../api-description/api-route';
import { schemaRef } from '../api-description/schemas';
import { KeyRing } from '../secrets/key-ring';
import { TenantDirectory } from '../platform/tenant-directory';
import { KeyMaterialCheck } from './key-material-check';

type Status = 'UP' | 'DOWN';

const HEALTH = schemaRef('Health');
const STATUS = schemaRef('Status');
const NOT_READY = 'The subscribed tenants are not known yet.';

/**
 * The probes of the manifest, and the route by which UIs detect the service. They need no sign-in,
 * so they reveal no names.
 */
@Controller('health')
export class HealthController {
  constructor(
    private readonly tenants: TenantDirectory,
    private readonly keys: KeyRing,
  ) {}

  @Get()
  @ApiRoute({
    summary: 'Reports whether the service is ready, and missing key material',
    answers: [
      { status: 200, text: 'The service is ready.', schema: HEALTH },
      { status: 503, text: NOT_READY, schema: HEALTH },
    ],
    open: true,
  })
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
  @ApiRoute({
    summary: 'Reports that the process is alive',
    answers: [
      { status: 200, text: 'The process is alive.', schema: STATUS, example: { status: 'UP' } },
    ],
    open: true,
  })
  liveness(): { status: Status } {
    return { status: 'UP' };
  }

  /** Ready when the subscribed tenants are known. */
  @Get('readiness')
  @ApiRoute({
    summary: 'Reports whether the service is ready',
    answers: [
      { status: 200, text: 'The service is ready.', schema: STATUS, example: { status: 'UP' } },
      { status: 503, text: NOT_READY, schema: STATUS, example: { status: 'DOWN' } },
    ],
    open: true,
  })
  readiness(@Res({ passthrough: true }) response: Response): { status: Status } {
    if (this.tenants.known) return { status: 'UP' };
    response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: 'DOWN' };
  }
}

@Module({ controllers: [HealthController], providers: [KeyMaterialCheck] })
export class HealthModule {}
