import type { OperationId, RemoteAccessError } from '@remote-access/contracts';
import type { DeviceSide } from '../gateway-call/device-side';
import type { CallListener, GatewayCall } from '../gateway-call/gateway-call';
import { GatewayPulse, type PulseOwner } from '../gateway-call/gateway-pulse';
import type { HopReport } from './client-side';
import type { Progress } from './progress';
import { CLIENT_LEFT, deviceCloseCode, endedBy, type SessionEnd } from './session-end';
import { type LimitOwner, StallWatch } from './session-limits';
import type { SessionPlan } from './session-plan';

/** What the session provides for its gateway, and the gateway's events. */
export interface SessionGatewayOwner {
  readonly progress: Pick<Progress, 'reached'>;
  /** Why the session ended; `undefined` while it runs. */
  readonly firstEnd: SessionEnd | undefined;
  gatewayConnected(deviceSide: DeviceSide): void;
  /** The connection was lost; what the gateway sent before is still delivered. */
  sideLost(end: SessionEnd): void;
  end(end: SessionEnd): void;
}

/** The gateway of a session: its call and, once it has connected, whether it answers and reads. */
export class SessionGateway implements CallListener, PulseOwner, Pick<LimitOwner, 'onStalled'> {
  readonly call: GatewayCall;
  /** Set once the gateway has connected, like the one that follows. */
  private pulse: GatewayPulse | undefined;
  private stall: StallWatch | undefined;

  constructor(
    createCall: SessionPlan['createCall'],
    private readonly stalledReaderMs: number,
    private readonly session: SessionGatewayOwner,
  ) {
    this.call = createCall(this);
  }

  /** The latest round trip, in milliseconds; `undefined` before the first answer. */
  get roundTripMs(): number | undefined {
    const ms = this.pulse?.roundTripMs;
    return ms === undefined ? undefined : tenths(ms);
  }

  /** Whether the endpoint has sent anything. */
  get hasAnswered(): boolean {
    return (this.call.deviceSide?.bytesIn ?? 0) > 0;
  }

  /**
   * Starts a new measurement.
   * @returns what is known so far; `undefined` before the gateway has connected
   */
  measure(): Pick<HopReport, 'gateway' | 'gatewayMs'> | undefined {
    const { pulse } = this;
    if (!pulse) return undefined;
    // Read before a new ping is sent, so that the age of an unanswered one is known.
    const gateway = pulse.condition;
    pulse.ping();
    const gatewayMs = this.roundTripMs;
    return { ...(gateway && { gateway }), ...(gatewayMs !== undefined && { gatewayMs }) };
  }

  /** The session is ending: the gateway is no longer awaited or checked. */
  release(): void {
    this.stall?.stop();
    this.pulse?.stop();
    this.call.release();
  }

  destroy(): void {
    this.call.deviceSide?.destroy();
  }

  /** Called by the call, the pulse and the stall watch, like the methods that follow. */
  onCreated(operationId: OperationId): void {
    this.session.progress.reached('operation-created', { operationId });
  }

  onDelivered(): void {
    this.session.progress.reached('operation-delivered');
  }

  onConnected(deviceSide: DeviceSide): void {
    this.pulse = new GatewayPulse(deviceSide, this);
    this.stall = new StallWatch(deviceSide, this.stalledReaderMs, this);
    this.session.gatewayConnected(deviceSide);
  }

  onFirstByte(): void {
    this.session.progress.reached('endpoint-answered');
  }

  onFailed(error: RemoteAccessError): void {
    this.session.end({ by: 'gateway', error });
  }

  onDisconnected(deviceSide: DeviceSide): void {
    if (deviceSide.isLost) this.session.sideLost(endedBy('gateway', 'gateway-lost'));
  }

  onLost(): void {
    this.session.end(endedBy('gateway', 'gateway-lost'));
  }

  onStalled(): void {
    this.session.end(endedBy('gateway', 'reader-stalled'));
  }

  closeCode(): number {
    return deviceCloseCode(this.session.firstEnd ?? CLIENT_LEFT);
  }
}

/** Rounds to tenths of a millisecond. */
export function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
