import { WebSocketGateway, type OnGatewayInit } from '@nestjs/websockets';
import {
  isConnectionKey,
  isRefusal,
  type Refusal,
  RemoteAccessError,
  SUBPROTOCOLS,
} from '@remote-access/contracts';
import { AttemptLimit } from '../access/guess-limits';
import { type Cluster, CLUSTER } from '../cluster/cluster';
import { hasRegularKey, MALFORMED_KEY } from '../door/handshake';
import type { Admission, Forward, Upgrade, UpgradeHandler, UpgradeRoute } from '../door/route';
import { joinLogContext } from '../logging/correlation';
import { CallerCredentials } from '../platform/caller-credentials';
import { GatewayAdmission } from './gateway-admission';
import { type GatewayCall, GatewayCalls } from './gateway-call';
import { Global, Inject, Module } from '@nestjs/common';

/**
 * The gateway's side of sessions (docs/wire.md). Admits a device that presents the key of a waiting
 * call and passes {@link GatewayAdmission}.
 */
@WebSocketGateway({ path: '/device/:connectionKey' })
export class DeviceGateway implements UpgradeHandler, OnGatewayInit<UpgradeRoute> {
  readonly subprotocols = [SUBPROTOCOLS.raw];
  readonly acceptsAnyKey = true;
  private readonly guesses = new AttemptLimit();

  constructor(
    private readonly admission: GatewayAdmission,
    private readonly calls: GatewayCalls,
    @Inject(CLUSTER) private readonly cluster: Cluster,
  ) {}

  afterInit(route: UpgradeRoute): void {
    route.serve(this);
  }

  async admit({
    request,
    parameters,
    isForwarded,
  }: Upgrade): Promise<Admission | Forward | Refusal> {
    const credentials = CallerCredentials.from(request);
    if (!credentials) return new RemoteAccessError('unauthenticated');
    const key = parameters['connectionKey']!;
    const owner = isForwarded ? undefined : await this.ownerElsewhere(key);
    if (isRefusal(owner)) return owner;
    if (owner !== undefined) return { owner };
    const call = await this.claim(key, credentials, hasRegularKey(request));
    if (!isRefusal(call)) {
      joinLogContext(call.logContext);
      return { connected: socket => call.connected(socket), abandoned: () => call.lost() };
    }
    const isGuess = call.code === 'key-not-claimable';
    return isGuess && this.guesses.failed(credentials.claimedName)
      ? new RemoteAccessError('too-many-requests')
      : call;
  }

  /**
   * The id of the replica that waits for a key, if it is another one: that replica decides and
   * claims the key.
   */
  private async ownerElsewhere(key: string): Promise<string | undefined | Refusal> {
    if (!isConnectionKey(key) || this.calls.waitingFor(key)) return undefined;
    return this.cluster.locate('key', key);
  }

  private async claim(
    key: string,
    credentials: CallerCredentials,
    isRegular: boolean,
  ): Promise<GatewayCall | Refusal> {
    const notClaimable = new RemoteAccessError('key-not-claimable');
    if (!isConnectionKey(key)) return notClaimable;
    const waiting = this.calls.waitingFor(key);
    if (!waiting) return notClaimable;

    const refusal = await this.admission.refusal(credentials, key, waiting);
    if (refusal) return refusal;
    if (!isRegular && !(await this.admission.acceptsAnyKey(waiting.tenant))) {
      waiting.refusedForItsKey();
      return new RemoteAccessError('malformed-request', { detail: MALFORMED_KEY });
    }

    // The key may have been claimed in the meantime, or the call may be over.
    return this.calls.claim(key) ?? notClaimable;
  }
}

@Global()
@Module({ providers: [DeviceGateway, GatewayAdmission, GatewayCalls], exports: [GatewayCalls] })
export class GatewayCallModule {}
