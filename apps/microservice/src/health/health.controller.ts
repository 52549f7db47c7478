import {
  Controller,
  Get,
  HttpStatus,
  Injectable,
  Module,
  type OnModuleDestroy,
  type OnModuleInit,
  Res,
} from '@nestjs/common';
import type { TenantId } from '@remote-access/contracts';
import type { Response } from 'express';
import { ApiRoute } from '../api-description/api-route';
import { schemaRef } from '../api-description/schemas';
import { Log } from '../logging/log';
import { TenantDirectory } from '../platform/tenant-directory';
import { KeyRing } from '../secrets/key-ring';
import { SessionRegistry } from '../sessions/session-registry';

type Status = 'UP' | 'DOWN';

const HEALTH = schemaRef('Health');
const STATUS = schemaRef('Status');
const NOT_READY = 'The subscribed tenants are not known yet, or the service is stopping.';

/**
 * The probes of the manifest, and the route with which UIs detect the service. They need no
 * sign-in, so they reveal no names.
 */
@Controller('health')
export class HealthController {
  constructor(
    private readonly tenants: TenantDirectory,
    private readonly keys: KeyRing,
    private readonly sessions: SessionRegistry,
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

  /** Ready from the moment the subscribed tenants are known until the process is asked to stop. */
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
    if (this.tenants.known && !this.sessions.isDraining) return { status: 'UP' };
    response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: 'DOWN' };
  }
}

/** Checks for key material when a tenant subscribes, so that /health reports a missing key early. */
@Injectable()
export class KeyMaterialCheck implements OnModuleInit, OnModuleDestroy {
  private endWatch: (() => void) | undefined;
  /**
   * Tenants are checked one at a time, so that starting with a thousand does not flood the
   * platform.
   */
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly tenants: TenantDirectory,
    private readonly keys: KeyRing,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.endWatch = this.tenants.watch({
      subscribed: tenant => {
        this.last = this.last.then(() => this.check(tenant));
      },
      unsubscribed: tenant => this.keys.forget(tenant),
    });
  }

  onModuleDestroy(): void {
    this.endWatch?.();
  }

  private async check(tenant: TenantId): Promise<void> {
    try {
      const found = await this.keys.check(tenant);
      if (!found) this.log.warn('Secrets cannot be stored: no key material', { tenant });
    } catch (cause) {
      this.log.warn('The key material could not be checked', { tenant, cause });
    }
  }
}

@Module({ controllers: [HealthController], providers: [KeyMaterialCheck] })
export class HealthModule {}
