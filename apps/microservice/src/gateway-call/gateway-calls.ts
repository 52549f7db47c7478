import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ConnectOperations } from '../operations/connect-operations';
import { OperationWatch } from '../operations/operation-watch';
import { type CallListener, type CallTarget, type CallTools, GatewayCall } from './gateway-call';

/** Issues connection keys, and knows which calls wait for a gateway. */
@Injectable()
export class GatewayCalls {
  private readonly waiting = new Map<string, GatewayCall>();
  private readonly tools: CallTools;

  constructor(operations: ConnectOperations, watch: OperationWatch) {
    const withdrawKey = (connectionKey: string): void => void this.waiting.delete(connectionKey);
    this.tools = { operations, watch, withdrawKey };
  }

  /** Place it, and finish it in the end. */
  create(target: CallTarget, listener: CallListener): GatewayCall {
    const connectionKey = randomUUID();
    const call = new GatewayCall(target, connectionKey, listener, this.tools);
    this.waiting.set(connectionKey, call);
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
    return call;
  }
}
