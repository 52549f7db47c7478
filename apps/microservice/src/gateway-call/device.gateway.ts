import { WebSocketGateway, type OnGatewayInit } from '@nestjs/websockets';
import {
  isConnectionKey,
  isRefusal,
  type Refusal,
  RemoteAccessError,
  SUBPROTOCOLS,
} from '@remote-access/contracts';
import { AccessPolicy } from '../access/access-policy';
import { AttemptLimit, claimedName } from '../access/failed-attempts';
import type { Admission, Upgrade, UpgradeHandler } from '../door/admission';
import type { UpgradeRoute } from '../door/route';
import { joinLogContext } from '../logging/correlation';
import { CallerCredentials } from '../platform/caller-credentials';
import { Cumulocity } from '../platform/cumulocity';
import type { GatewayCall } from './gateway-call';
import { GatewayCalls } from './gateway-calls';
import { Global, Module } from '@nestjs/common';

/**
 * The gateway's side of sessions, docs/wire.md. Admits a device, not a human, that holds the key of
 * a waiting call and may read its operation at the platform. So a parent's agent serves a child
 * device, and another gateway that learnt the key does not.
 */
@WebSocketGateway({ path: '/device/:connectionKey' })
export class DeviceGateway implements UpgradeHandler, OnGatewayInit<UpgradeRoute> {
  readonly subprotocols = [SUBPROTOCOLS.raw];
  readonly acceptsAnyKey = true;
  private readonly guesses = new AttemptLimit();

  constructor(
    private readonly access: AccessPolicy,
    private readonly cumulocity: Cumulocity,
    private readonly calls: GatewayCalls,
  ) {}

  afterInit(route: UpgradeRoute): void {
    route.serve(this);
  }

  async admit({ request, parameters }: Upgrade): Promise<Admission | Refusal> {
    const credentials = CallerCredentials.from(request);
    if (!credentials) return new RemoteAccessError('unauthenticated');
    const call = await this.claim(parameters['connectionKey']!, credentials);
    if (!isRefusal(call)) {
      joinLogContext(call.logContext);
      return { connected: socket => call.connected(socket), abandoned: () => call.lost() };
    }
    const isGuess = call.code === 'key-not-claimable' || call.code === 'unauthenticated';
    return isGuess && this.guesses.failed(claimedName(request))
      ? new RemoteAccessError('too-many-requests')
      : call;
  }

  private async claim(key: string, credentials: CallerCredentials): Promise<GatewayCall | Refusal> {
    const notClaimable = new RemoteAccessError('key-not-claimable');
    if (!isConnectionKey(key)) return notClaimable;
    const waiting = this.calls.waitingFor(key);
    if (!waiting) return notClaimable;

    const device = await this.access.caller(credentials);
    if (isRefusal(device)) return device;
    const isForeign = device.tenant !== waiting.tenant || !device.isDevice;
    if (isForeign || !(await this.mayRead(credentials, waiting))) return notClaimable;

    // Meanwhile the key may have been claimed, or the call may be over.
    return this.calls.claim(key) ?? notClaimable;
  }

  private async mayRead(credentials: CallerCredentials, call: GatewayCall): Promise<boolean> {
    const operationId = await call.operationCreated;
    if (operationId === undefined) return false;
    try {
      return (await this.cumulocity.as(credentials).operation(operationId)) !== undefined;
    } catch (error) {
      if (isRefusal(error) && error.code === 'forbidden') return false;
      throw error;
    }
  }
}

@Global()
@Module({ providers: [DeviceGateway, GatewayCalls], exports: [GatewayCalls] })
export class GatewayCallModule {}
