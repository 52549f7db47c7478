import { Injectable } from '@nestjs/common';
import {
  isConnectionKey,
  isRefusal,
  type Refusal,
  RemoteAccessError,
  SUBPROTOCOLS,
} from '@remote-access/contracts';
import { AccessPolicy } from '../access/access-policy';
import type { Admitted, Upgrade, UpgradeAdmission } from '../door/upgrade';
import { CallerCredentials } from '../platform/caller-credentials';
import { Cumulocity } from '../platform/cumulocity';
import { AttemptLimit, claimedName } from '../access/failed-attempts';
import type { AwaitedGateway } from './awaited-gateway';
import { SessionRegistry } from './session-registry';

/**
 * Who may be the far side of a session: a device, no human, that holds the key of a waiting
 * session and may read its operation at the platform. So a parent's agent serves a child device,
 * and another gateway that learnt the key does not.
 */
@Injectable()
export class DeviceAdmission implements UpgradeAdmission<AwaitedGateway> {
  readonly subprotocols = [SUBPROTOCOLS.raw];
  readonly takesAnyKey = true;
  private readonly guesses = new AttemptLimit();

  constructor(
    private readonly access: AccessPolicy,
    private readonly cumulocity: Cumulocity,
    private readonly registry: SessionRegistry,
  ) {}

  async admit(upgrade: Upgrade): Promise<Admitted<AwaitedGateway> | Refusal> {
    const credentials = CallerCredentials.from(upgrade.request);
    if (!credentials) return new RemoteAccessError('unauthenticated');
    const refusal = await this.claim(upgrade.parameters['connectionKey']!, credentials);
    if (!isRefusal(refusal)) return refusal;
    const guessed = refusal.code === 'key-not-claimable' || refusal.code === 'unauthenticated';
    return guessed && this.guesses.failed(claimedName(upgrade.request))
      ? new RemoteAccessError('too-many-requests')
      : refusal;
  }

  private async claim(
    key: string,
    credentials: CallerCredentials,
  ): Promise<Admitted<AwaitedGateway> | Refusal> {
    const notClaimable = new RemoteAccessError('key-not-claimable');
    if (!isConnectionKey(key)) return notClaimable;
    const waiting = this.registry.waitingFor(key);
    if (!waiting) return notClaimable;

    const device = await this.access.caller(credentials);
    if (isRefusal(device)) return device;
    const foreign = device.tenant !== waiting.tenant || !device.isDevice;
    if (foreign || !(await this.mayRead(credentials, waiting))) return notClaimable;

    // Between the look and here the key may have been claimed, or its time may be over.
    const awaited = this.registry.claim(key);
    if (!awaited) return notClaimable;
    return { attachment: awaited, abandon: () => awaited.deviceLost() };
  }

  private async mayRead(credentials: CallerCredentials, awaited: AwaitedGateway): Promise<boolean> {
    const operationId = await awaited.operationCreated;
    if (operationId === undefined) return false;
    try {
      return (await this.cumulocity.as(credentials).operation(operationId)) !== undefined;
    } catch (error) {
      if (isRefusal(error) && error.code === 'forbidden') return false;
      throw error;
    }
  }
}
