import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CLOSE_CODES, isRefusal, type OperationId } from '@remote-access/contracts';
import type { DeviceSide } from '../gateway-call/device-side';
import { type CallListener, type GatewayCall, GatewayCalls } from '../gateway-call/gateway-call';
import { CLIENT_LEFT, endedBy, operationEnd, type SessionEnd } from '../sessions/session-end';
import { SessionJournal } from '../sessions/session-journal';
import { SessionQuotas } from '../sessions/session-registry';
import { TenantOptions } from '../tenant-settings/tenant-options';
import { callTarget, type ConnectGrant, locatedEndpoint, subjectOf } from './connect-policy';

/** A page opens its WebSocket as soon as it has the ticket. One that has not come by now may never. */
const TAKEN_WITHIN_MS = 5_000;

/** Each may hold a connection of a gateway. Beyond these numbers, sessions call as they start. */
const MAX_WAITING = 256;
const MAX_PER_USER = 4;

const NO_SESSION = 'none';
const UNUSED = { toClient: 0, fromClient: 0, hostKeyVerification: undefined, resumed: 0 };

interface EarlyCallOwner {
  /** It has been taken over, or is being dropped. */
  onOver(): void;
  /** It was dropped, but the operation exists. */
  onDropped(operationId: OperationId, end: SessionEnd, hasAnswered: boolean): Promise<void>;
}

/**
 * A call to a gateway that is placed while the client of the session is still connecting. Nothing is
 * sent to the endpoint before the session has taken the call over.
 */
export class EarlyCall implements CallListener {
  private call: GatewayCall | undefined;
  private deviceSide: DeviceSide | undefined;
  private failure: SessionEnd | undefined;
  private isOver = false;
  private readonly events: ((owner: CallListener) => void)[] = [];

  constructor(private readonly owner: EarlyCallOwner) {}

  /** @param create creates the call, with this as its listener */
  place(create: (listener: CallListener) => GatewayCall): void {
    if (this.isOver) return;
    this.call = create(this);
    // The session that takes the call over is told.
    this.call.place().catch(() => undefined);
  }

  /**
   * Hands the call over. Its events go to the new owner, starting with those that have waited, after
   * the code that is running.
   * @returns `undefined` if there is none: the owner then makes one, or reports why it cannot
   */
  takeOver(owner: CallListener): GatewayCall | undefined {
    const { call, events } = this;
    if (this.isOver || !call) {
      void this.drop();
      return undefined;
    }
    this.finish();
    queueMicrotask(() => {
      for (const event of events.splice(0)) event(owner);
      call.reportTo(owner);
    });
    return call;
  }

  /** Ends the call, unless it has been taken over. */
  async drop(end = this.failure ?? CLIENT_LEFT): Promise<void> {
    if (this.isOver) return;
    this.finish();
    const { call, deviceSide } = this;
    deviceSide?.destroy();
    await call?.finish(operationEnd(end));
    const operationId = call?.operationId;
    if (operationId === undefined) return;
    await this.owner.onDropped(operationId, end, (deviceSide?.bytesIn ?? 0) > 0);
  }

  onCreated(operationId: OperationId): void {
    this.events.push(owner => owner.onCreated?.(operationId));
  }

  onDelivered(): void {
    this.events.push(owner => owner.onDelivered?.());
  }

  onConnected(deviceSide: DeviceSide): void {
    this.deviceSide = deviceSide;
    this.events.push(owner => owner.onConnected(deviceSide));
  }

  onFirstByte(): void {
    this.events.push(owner => owner.onFirstByte?.());
  }

  onFailed(failure: Parameters<CallListener['onFailed']>[0]): void {
    this.failure ??= { by: 'gateway', error: failure };
    this.events.push(owner => owner.onFailed(failure));
  }

  onDisconnected(deviceSide: DeviceSide): void {
    this.events.push(owner => owner.onDisconnected?.(deviceSide));
    // A session cannot begin with a closed connection.
    if (!this.failure) void this.drop(endedBy('gateway', 'gateway-lost'));
  }

  closeCode(): number {
    return CLOSE_CODES.normal;
  }

  private finish(): void {
    this.isOver = true;
    this.owner.onOver();
  }
}

/** Calls gateways for sessions whose client has a ticket but has not connected yet. */
@Injectable()
export class EarlyCalls implements OnModuleDestroy {
  private readonly waiting = new Map<EarlyCall, { readonly user: string; readonly use: string }>();

  constructor(
    private readonly calls: GatewayCalls,
    private readonly quotas: SessionQuotas,
    private readonly options: TenantOptions,
    private readonly journal: SessionJournal,
  ) {}

  /**
   * Replaces the user's earlier call for the same endpoint: the client has begun again.
   * @returns `undefined` if too many are waiting
   */
  begin(grant: ConnectGrant): EarlyCall | undefined {
    const { caller, gateway, endpoint } = grant;
    const user = JSON.stringify([caller.tenant, caller.userName]);
    const use = JSON.stringify([gateway.id, endpoint.id]);
    const own = [...this.waiting].filter(([, other]) => other.user === user);
    const [before] = own.find(([, other]) => other.use === use) ?? [];
    void before?.drop();
    const count = own.length - (before ? 1 : 0);
    if (this.waiting.size >= MAX_WAITING || count >= MAX_PER_USER) return undefined;
    const subject = subjectOf(grant);
    const startedAtMs = performance.now();
    const early: EarlyCall = new EarlyCall({
      onOver: () => {
        clearTimeout(timer);
        this.waiting.delete(early);
      },
      onDropped: (operationId, end, hasAnswered) =>
        this.journal.ended({ id: NO_SESSION, subject }, operationId, end, {
          ...UNUSED,
          durationMs: performance.now() - startedAtMs,
          hasAnswered,
        }),
    });
    const timer = setTimeout(() => void early.drop(), TAKEN_WITHIN_MS);
    this.waiting.set(early, { user, use });
    this.place(early, grant).catch(() => early.drop());
    return early;
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([...this.waiting.keys()].map(early => early.drop()));
  }

  /** What would end the session before it calls its gateway prevents this call too. */
  private async place(early: EarlyCall, grant: ConnectGrant): Promise<void> {
    const [full, { operationTimeoutMs }, opener] = await Promise.all([
      this.quotas.refusal(grant),
      this.options.of(grant.caller.tenant),
      grant.driver.prepare(locatedEndpoint(grant), grant.caller),
    ]);
    if (full || isRefusal(opener)) return early.drop();
    const target = callTarget(grant, operationTimeoutMs);
    early.place(listener => this.calls.create(target, listener));
  }
}
