import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { orThrow, type ResealReport } from '@remote-access/contracts';
import type { Request } from 'express';
import { AccessPolicy } from '../access/access-policy';
import { ApiRoute } from '../api-description/api-route';
import { RESEAL_EXAMPLE } from '../api-description/service-schemas';
import { schemaRef } from '../api-description/schemas';
import { CallerCredentials } from '../platform/caller-credentials';
import { Resealer } from './resealer';

/** The second step of changing the sealing key; see docs/operations.md. */
@Controller('credentials/reseal')
export class ResealController {
  constructor(
    private readonly access: AccessPolicy,
    private readonly resealer: Resealer,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiRoute({
    summary: 'Seals all secrets of the tenant with the current key',
    details:
      'Needs ADMIN for "Remote access" and for "Option management". Stops after 20 seconds: ' +
      'call again until the report is complete.',
    answers: [
      {
        status: 200,
        text: 'The report.',
        schema: schemaRef('ResealReport'),
        example: RESEAL_EXAMPLE,
      },
    ],
    refusals: ['forbidden', 'no-key-material', 'conflict'],
  })
  async reseal(@Req() request: Request): Promise<ResealReport> {
    const caller = orThrow(await this.access.caller(CallerCredentials.from(request)));
    orThrow(this.access.mayChangeKeys(caller));
    return orThrow(await this.resealer.reseal(caller));
  }
}
