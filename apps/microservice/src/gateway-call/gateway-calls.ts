import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type Cluster, CLUSTER } from '../cluster/cluster';
import { ConnectOperations } from '../operations/connect-operations';
import { OperationWatch } from '../operations/operation-watch';
import { type CallListener, type CallTarget, type CallTools, GatewayCall } from './gateway-call';

/** Issues connection keys, and knows which calls wait for a gateway. */
@Injectable()
export class GatewayCalls {
  private readonly waiting = new Map<string, GatewayCall>();
  /** Lets other replicas find a key no more. */
  private readonly withdrawals = new Map<string, () => void>();
  private readonly tools: CallTools;

  constructor(
    operations: ConnectOperations,
    watch: OperationWatch,
    @Inject(CLUSTER) private readonly cluster: Pick<Cluster, 'announce'>,
  ) {
    const withdrawKey = (connectionKey: string): void => void this.claim(connectionKey);
    this.tools = { operations, watch, withdrawKey };
  }

  /** Place it, and finish it in the end. */
  create(target: CallTarget, listener: CallListener): GatewayCall {
    const connectionKey = randomUUID();
    const call = new GatewayCall(target, connectionKey, listener, this.tools);
    this.waiting.set(connectionKey, call);
    this.withdrawals.set(connectionKey, this.cluster.announce('key', connectionKey));
    return call;
  }

  /** The call that waits for a key, without claiming it. */
  waitingFor(connectionKey: string): GatewayCall | undefined {
    return this.waiting.get(connectionKey);
  }

  /** Takes the call that waits for a key: a key can be claimed once. */
  claim(connectionKey: string): GatewayCall | undefined {
    const call = this.waiting.get(connectionKey);
    this.waiting.delete(connectionKey);
    this.withdrawals.get(connectionKey)?.();
    this.withdrawals.delete(connectionKey);
    return call;
  }
}
