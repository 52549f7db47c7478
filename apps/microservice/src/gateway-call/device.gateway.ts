import { WebSocketGateway, type OnGatewayInit } from '@nestjs/websockets';
import {
  isConnectionKey,
  isRefusal,
  type Refusal,
  RemoteAccessError,
  SUBPROTOCOLS,
} from '@remote-access/contracts';
import { AttemptLimit } from '../access/attempt-limit';
import type { Admission, Upgrade, UpgradeHandler } from '../door/admission';
import type { UpgradeRoute } from '../door/route';
import { joinLogContext } from '../logging/correlation';
import { CallerCredentials } from '../platform/caller-credentials';
import { GatewayAdmission } from './gateway-admission';
import type { GatewayCall } from './gateway-call';
import { GatewayCalls } from './gateway-calls';
import { Global, Module } from '@nestjs/common';

/**
 * The gateway's side of sessions, docs/wire.md. Admits whoever holds the key of a waiting call and
 * passes {@link GatewayAdmission}.
 */
@WebSocketGateway({ path: '/device/:connectionKey' })
export class DeviceGateway implements UpgradeHandler, OnGatewayInit<UpgradeRoute> {
  readonly subprotocols = [SUBPROTOCOLS.raw];
  readonly acceptsAnyKey = true;
  private readonly guesses = new AttemptLimit();

  constructor(
    private readonly admission: GatewayAdmission,
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
    const isGuess = call.code === 'key-not-claimable';
    return isGuess && this.guesses.failed(credentials.claimedName)
      ? new RemoteAccessError('too-many-requests')
      : call;
  }

  private async claim(key: string, credentials: CallerCredentials): Promise<GatewayCall | Refusal> {
    const notClaimable = new RemoteAccessError('key-not-claimable');
    if (!isConnectionKey(key)) return notClaimable;
    const waiting = this.calls.waitingFor(key);
    if (!waiting) return notClaimable;

    const refusal = await this.admission.refusal(credentials, key, waiting);
    if (refusal) return refusal;

    // Meanwhile the key may have been claimed, or the call may be over.
    return this.calls.claim(key) ?? notClaimable;
  }
}

@Global()
@Module({ providers: [DeviceGateway, GatewayAdmission, GatewayCalls], exports: [GatewayCalls] })
export class GatewayCallModule {}
