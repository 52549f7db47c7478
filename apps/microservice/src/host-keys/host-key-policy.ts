import { Injectable } from '@nestjs/common';
import { AccessPolicy } from '../access/access-policy';
import { Log } from '../logging/log';
import { TenantOptions } from '../tenant-settings/tenant-options';
import type { EndpointPlace } from '../protocols/protocol-driver';
import { HostKeyKeeper } from './host-key-keeper';
import { HostKeyTrial, type TrialOpening } from './host-key-trial';

/** Knows how the tenant wants host keys to be treated that are not pinned. */
@Injectable()
export class HostKeyPolicy {
  constructor(
    private readonly options: TenantOptions,
    private readonly access: AccessPolicy,
    private readonly keeper: HostKeyKeeper,
    private readonly log: Log,
  ) {}

  async forSession(place: EndpointPlace, opening: TrialOpening): Promise<HostKeyTrial> {
    const { hostKeyAutosave } = await this.options.of(place.tenant);
    const { access, keeper, log } = this;
    return new HostKeyTrial(place, opening, hostKeyAutosave, { access, keeper, log });
  }
}
