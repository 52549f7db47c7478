import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Refusal } from '@remote-access/contracts';
import { OperationDesk } from '../operations/operation-desk';
import { TenantOptions } from '../tenant-settings/tenant-options';
import { OperationWatch } from '../platform/operation-watch';
import { GatewayCall, type GatewayTarget } from './gateway-call';
import { SessionRegistry } from './session-registry';

/** Has gateways connect for the service itself. */
@Injectable()
export class GatewayDialler {
  constructor(
    private readonly registry: SessionRegistry,
    private readonly operations: OperationDesk,
    private readonly watch: OperationWatch,
    private readonly options: TenantOptions,
  ) {}

  /** Why no gateway can be asked now. */
  refusal(): Refusal | undefined {
    return this.registry.refusal();
  }

  call(target: GatewayTarget): GatewayCall {
    const connectionKey = randomUUID();
    const { operations, watch, options, registry } = this;
    const withdrawKey = (): void => void registry.claim(connectionKey);
    const call = new GatewayCall(target, connectionKey, {
      operations,
      watch,
      options,
      withdrawKey,
    });
    registry.await(call, connectionKey);
    return call;
  }
}
