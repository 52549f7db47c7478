import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import {
  CLOSE_CODES,
  type DeviceId,
  type OperationId,
  RemoteAccessError,
  type TenantId,
} from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import type { FramedConnection } from '@remote-access/relay';
import { type Cluster, CLUSTER } from '../cluster/cluster';
import { logContext } from '../logging/correlation';
import { ConnectOperations, isFinished } from '../operations/connect-operations';
import { OperationWatch } from '../operations/operation-watch';
import type { CallerCredentials } from '../platform/caller-credentials';
import { DeviceSide, type DeviceSideOwner } from './device-side';
import { gatewayLate, gatewayRefusal, malformedKey } from './gateway-failure';

/**
 * Agents connect to the service and to the endpoint concurrently: a failure to reach the endpoint
 * is reported within this time after the session has opened.
 */
const LATE_REPORT_MS = 30_000;

/**
 * An agent that could not reach the endpoint closes its WebSocket and reports FAILED, in either
 * order: its report is awaited no longer than this.
 */
const REPORT_DEADLINE_MS = 2_000;
const REPORT_POLL_PERIOD_MS = 200;

/**
 * How long a connected gateway may take to finish the operation; after that it is not expected to.
 */
const FINISH_GRACE_MS = 10_000;

const NEVER_REPORTED = 'The gateway connected but never reported the outcome.';

/** The gateway to call, the target it should connect to, and the user on whose behalf. */
export interface CallTarget {
  readonly tenant: TenantId;
  readonly credentials: CallerCredentials;
  readonly deviceId: DeviceId;
  readonly gatewayName: string;
  readonly hostname: string;
  readonly port: number;
  /** How long the gateway may take to connect to the service. */
  readonly timeoutMs: number;
}

/** Events for the owner of a call. None follows {@link GatewayCall.release}. */
export interface CallListener {
  /** The platform has the operation. */
  onCreated?(operationId: OperationId): void;
  /** The agent has received the operation. */
  onDelivered?(): void;
  /** The gateway has connected; the owner must destroy the stream. */
  onConnected(deviceSide: DeviceSide): void;
  /** The endpoint has sent a byte: it is connected, whatever the agent reports from now on. */
  onFirstByte?(): void;
  /**
   * The gateway is late, reports a failure, is lost, or violates the protocol. May be called again.
   */
  onFailed(failure: RemoteAccessError): void;
  /** The connection of the gateway is closed; may follow a release. */
  onDisconnected?(deviceSide: DeviceSide): void;
  /** The code for the close frame that the gateway receives. */
  closeCode?(): number;
}

export interface CallTools {
  readonly operations: ConnectOperations;
  readonly watch: OperationWatch;
  readonly withdrawKey: (connectionKey: string) => void;
  /** Resolves when the key can be found by all replicas. */
  readonly announced: () => Promise<void>;
}

/**
 * One connection that a gateway is asked to open to the service: owns the connection key, the
 * operation, the watch over it and the pairing, until the operation is finished.
 */
export class GatewayCall implements DeviceSideOwner {
  readonly tenant: TenantId;
  readonly deviceId: DeviceId;
  /** The ids of the client's request, for log lines about the gateway's connection. */
  logContext = logContext();
  /** Whether it is known whether there is an operation. */
  private isSettled = false;
  /** Wait for the operation. */
  private waiting: ((id: OperationId | undefined) => void)[] | undefined;
  private id: OperationId | undefined;
  private paired: DeviceSide | undefined;
  private isDelivered = false;
  private isReleased = false;
  private stranger: string | undefined;
  /** Kept until the gateway has connected: credentials and the key are not retained longer. */
  private request: { readonly target: CallTarget; readonly connectionKey: string } | undefined;
  /** Kept as long. */
  private placing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopWatch: (() => void) | undefined;

  constructor(
    target: CallTarget,
    connectionKey: string,
    private listener: CallListener,
    private readonly tools: CallTools,
  ) {
    this.tenant = target.tenant;
    this.deviceId = target.deviceId;
    this.request = { target, connectionKey };
  }

  get operationId(): OperationId | undefined {
    return this.id;
  }

  /** The operation, once the platform has it; `undefined` if none will be created. */
  get operationCreated(): Promise<OperationId | undefined> {
    if (this.isSettled) return Promise.resolve(this.id);
    return new Promise(resolve => (this.waiting ??= []).push(resolve));
  }

  /** The gateway's side, once it has connected. */
  get deviceSide(): DeviceSide | undefined {
    return this.paired;
  }

  /**
   * Creates the operation on behalf of the caller, once. The listener is notified of its progress.
   * @throws RemoteAccessError the platform's refusal
   */
  place(): Promise<void> {
    if (this.paired) return Promise.resolve();
    return (this.placing ??= this.createOperation());
  }

  /** From now on, another listener is notified, and log lines have the ids of its request. */
  reportTo(listener: CallListener): void {
    this.listener = listener;
    this.logContext = logContext();
  }

  private async createOperation(): Promise<void> {
    const { target, connectionKey } = this.request!;
    const { tenant, deviceId, credentials, hostname, port, timeoutMs, gatewayName } = target;
    this.timer = setTimeout(() => {
      const late = { name: gatewayName, timeoutMs, isDelivered: this.isDelivered };
      this.listener.onFailed(gatewayLate(late, this.stranger));
    }, timeoutMs);
    try {
      // The gateway may be faster at another replica than the announcement of its key.
      await this.tools.announced();
      if (this.isReleased) return;
      const connect = { hostname, port, connectionKey };
      this.id = await this.tools.operations.create(tenant, credentials, deviceId, connect);
    } finally {
      // Gateways are admitted from here on and need the watch: await nothing before it.
      this.settleOperation();
    }
    if (this.isReleased) return;
    this.listener.onCreated?.(this.id);
    this.stopWatch = this.tools.watch.watch(this.tenant, this.id, deviceId, operation =>
      this.operationReported(operation),
    );
  }

  /** The gateway has claimed the key and its WebSocket is open. */
  connected(socket: FramedConnection): void {
    const deviceSide = new DeviceSide(socket, this);
    this.paired = deviceSide;
    this.clearTimer();
    this.request = undefined;
    this.placing = undefined;
    if (this.isReleased) deviceSide.destroy();
    else this.listener.onConnected(deviceSide);
  }

  /** Called by the gateway's side, like the methods that follow. */
  onBrokenProtocol(): void {
    this.listener.onFailed(new RemoteAccessError('gateway-protocol'));
  }

  onFirstByte(): void {
    this.listener.onFirstByte?.();
    this.stopWatching();
  }

  onClosed(side: DeviceSide): void {
    this.listener.onDisconnected?.(side);
  }

  closeCode(): number {
    return this.listener.closeCode?.() ?? CLOSE_CODES.normal;
  }

  /** A device presented the key, but its user owns neither the gateway nor a parent of it. */
  refusedStranger(userName: string): void {
    this.stranger = userName;
  }

  /** The gateway sent a WebSocket key that its tenant does not accept. */
  refusedForItsKey(): void {
    this.listener.onFailed(malformedKey());
  }

  /** The gateway claimed the key and left before its WebSocket was open. */
  lost(): void {
    this.listener.onFailed(new RemoteAccessError('gateway-lost'));
  }

  /** The session is open: the gateway's reports count only for a while longer. */
  inUse(): void {
    if (!this.stopWatch) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.stopWatching();
    }, LATE_REPORT_MS);
  }

  /** Withdraws the key and stops listening; the operation is left to {@link finish}. */
  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    this.clearTimer();
    this.stopWatching();
    if (this.request) this.tools.withdrawKey(this.request.connectionKey);
  }

  /**
   * The gateway's report on a connection that ended before the endpoint sent a byte: a failure, which
   * may arrive late, or success, which some agents report before they know.
   * @returns `undefined` if the endpoint has answered, or if there is no report
   */
  async silentEnd(): Promise<RemoteAccessError | 'connected' | undefined> {
    const { id, paired, tools, tenant } = this;
    if (id === undefined || !paired || paired.bytesIn > 0) return undefined;
    const deadline = performance.now() + REPORT_DEADLINE_MS;
    for (;;) {
      const operation = await tools.operations.read(tenant, id);
      if (!operation) return undefined;
      if (operation.status === 'FAILED') return gatewayRefusal(operation);
      if (isFinished(operation)) return 'connected';
      if (performance.now() >= deadline) return undefined;
      await delay(REPORT_POLL_PERIOD_MS);
    }
  }

  /**
   * Makes sure that the operation does not stay unfinished. Call it once, at the end.
   * @param reason why the gateway is no longer needed, if it has not connected
   */
  async finish(reason: string): Promise<void> {
    this.release();
    const { operations } = this.tools;
    const id = await this.operationCreated;
    if (id === undefined) return;
    if (this.paired) {
      operations.failUnfinishedLater(this.tenant, id, NEVER_REPORTED, FINISH_GRACE_MS);
    } else {
      await operations.failUnfinished(this.tenant, id, reason);
    }
  }

  private settleOperation(): void {
    const { id, waiting = [] } = this;
    this.isSettled = true;
    this.waiting = undefined;
    for (const resolve of waiting) resolve(id);
  }

  private operationReported(operation: Operation): void {
    if (operation.status === 'FAILED') {
      this.listener.onFailed(gatewayRefusal(operation));
    } else if (operation.status !== 'PENDING' && !this.paired) {
      this.isDelivered = true;
      this.listener.onDelivered?.();
    }
  }

  private clearTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private stopWatching(): void {
    this.stopWatch?.();
    this.stopWatch = undefined;
  }
}

/** Issues connection keys and keeps track of calls that wait for a gateway. */
@Injectable()
export class GatewayCalls {
  private readonly waiting = new Map<string, GatewayCall>();
  /** Remove keys from the directory that other replicas see. */
  private readonly withdrawals = new Map<string, () => void>();
  private readonly tools: CallTools;

  constructor(
    operations: ConnectOperations,
    watch: OperationWatch,
    @Inject(CLUSTER) private readonly cluster: Pick<Cluster, 'announce' | 'announced'>,
  ) {
    const withdrawKey = (connectionKey: string): void => void this.claim(connectionKey);
    const announced = (): Promise<void> => cluster.announced();
    this.tools = { operations, watch, withdrawKey, announced };
  }

  /** The caller must place the call, and finish it at the end. */
  create(target: CallTarget, listener: CallListener): GatewayCall {
    const connectionKey = randomUUID();
    const call = new GatewayCall(target, connectionKey, listener, this.tools);
    this.waiting.set(connectionKey, call);
    this.withdrawals.set(connectionKey, this.cluster.announce('key', connectionKey));
    return call;
  }

  /** The call that waits for a key; does not claim the key. */
  waitingFor(connectionKey: string): GatewayCall | undefined {
    return this.waiting.get(connectionKey);
  }

  /** Claims a key and returns the call that waits for it. A key can be claimed once. */
  claim(connectionKey: string): GatewayCall | undefined {
    const call = this.waiting.get(connectionKey);
    this.waiting.delete(connectionKey);
    this.withdrawals.get(connectionKey)?.();
    this.withdrawals.delete(connectionKey);
    return call;
  }
}
