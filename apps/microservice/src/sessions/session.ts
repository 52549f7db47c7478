import type { Duplex } from 'node:stream';
import {
  asRefusal,
  type ErrorCode,
  isRefusal,
  type OperationId,
  type RunningSession,
  type TenantId,
} from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import { Disposables, DRAIN_TIMEOUT_MS, splice } from '@remote-access/streams';
import type { WebSocket } from 'ws';
import type { Caller } from '../access/caller';
import type { BridgeOpener, OpenBridge } from '../protocols/protocol-driver';
import { randomId } from '../logging/correlation';
import type { AwaitedGateway } from './awaited-gateway';
import { ClientSide } from './client-side';
import type { ConnectGrant, SessionGrant } from './connect-grant';
import { DeviceSide } from './device-side';
import { finishOperation } from './finish-operation';
import { gatewayLate, gatewayRefusal } from './gateway-failure';
import { Progress } from './progress';
import { runningSession } from './running-session';
import {
  CLIENT_LEFT,
  clientFarewell,
  deviceCloseCode,
  endedBy,
  whoFailed,
  type Farewell,
  type SessionEnd,
} from './session-end';
import { SessionControls } from './session-controls';
import { startLimits, watchGateway } from './session-limits';
import type { SessionTools } from './session-tools';
import { verdictOn } from './session-verdict';

/** For raw clients; those of `remoteaccess.v1` send text on purpose. */
const STRAY_TEXT = 'This connection takes binary frames only.';

/** Agents dial us and the endpoint together: a failure is reported within this time of pairing. */
const LATE_REPORT_MS = 30_000;

/**
 * One connection from a client to an endpoint: the only owner of both sides, of every timer and of
 * the first cause of its end. Whatever comes after the first cause changes nothing.
 */
export class Session implements AwaitedGateway {
  /** Random: whoever knows one cannot tell another. */
  readonly id = randomId();
  /** Resolves when both sides are closed and all has been written down. */
  readonly over: Promise<void>;
  readonly operationCreated: Promise<OperationId | undefined>;

  private readonly clientSide: ClientSide;
  private readonly disposables = new Disposables();
  private deviceSide: DeviceSide | undefined;
  private bridge: OpenBridge | undefined;
  private joined = false;
  private firstEnd: SessionEnd | undefined;
  private verdict: Promise<SessionEnd> | undefined;
  private operationId: OperationId | undefined;
  private unopened: { readonly open: BridgeOpener; readonly caller: Caller } | undefined;
  private asksGateway = false;
  private readonly progress: Progress;
  private readonly controls: SessionControls;
  private endWatch: (() => void) | undefined;
  private endWait: (() => void) | undefined;
  private finish!: () => void;
  private tellOperation!: (id: OperationId | undefined) => void;

  constructor(
    socket: WebSocket,
    readonly grant: SessionGrant,
    private readonly connectionKey: string,
    private readonly tools: SessionTools,
  ) {
    this.over = new Promise(resolve => (this.finish = resolve));
    this.operationCreated = new Promise(resolve => (this.tellOperation = resolve));
    this.clientSide = new ClientSide(socket, {
      onMessage: message => this.controls.handle(message),
      onStrayText: () => this.end(endedBy('client', 'malformed-request', STRAY_TEXT)),
      farewell: async () => this.farewell(await this.decided()),
      farewellNow: () => this.farewell(this.firstEnd ?? CLIENT_LEFT),
    });
    this.progress = new Progress(message => this.clientSide.tell(message));
    this.controls = new SessionControls(this.clientSide, () => this.end(CLIENT_LEFT));
    this.clientSide.on('error', ignoreBrokenSide);
    // Of the socket, not of the stream: the stream may hold bytes that nobody reads yet.
    socket.on('close', () => this.sideClosed(CLIENT_LEFT));
  }

  get tenant(): TenantId {
    return this.grant.caller.tenant;
  }

  get hasEnded(): boolean {
    return this.firstEnd !== undefined;
  }

  get description(): RunningSession {
    const { id, grant, operationId, progress, clientSide } = this;
    return runningSession(grant, { id, operationId, progress, clientSide });
  }

  /** @param grant the whole decision, of which the session keeps a part */
  start(grant: ConnectGrant): void {
    this.open(grant).catch((cause: unknown) => {
      this.tellOperation(undefined);
      const error = asRefusal(cause);
      this.end({ by: error.code.startsWith('platform') ? 'platform' : 'service', error });
    });
  }

  deviceConnected(socket: WebSocket): void {
    const deviceSide = new DeviceSide(socket, {
      onBrokenProtocol: () => this.end(endedBy('gateway', 'gateway-protocol')),
      closeCode: () => deviceCloseCode(this.firstEnd ?? CLIENT_LEFT),
      onFirstByte: () => {
        this.progress.reached('endpoint-answered');
        // It is connected, whatever is reported of it from now on.
        this.stopWatching();
      },
    });
    deviceSide.on('error', ignoreBrokenSide);
    this.deviceSide = deviceSide;
    if (this.firstEnd || !this.unopened) {
      deviceSide.destroy();
      return;
    }
    this.endWait?.();
    this.endWait = undefined;
    socket.on('close', () => {
      if (deviceSide.isLost) this.sideClosed(endedBy('gateway', 'gateway-lost'));
    });
    watchGateway(this.disposables, deviceSide, () => this.deviceLost());
    this.joinSides(deviceSide).catch((cause: unknown) => {
      const error = asRefusal(cause);
      this.end({ by: whoFailed(error), error });
    });
  }

  deviceLost(): void {
    this.end(endedBy('gateway', 'gateway-lost'));
  }

  /** Ends the session from inside; what was read before still reaches both sides. */
  end(end: SessionEnd): void {
    if (this.firstEnd) return;
    this.note(end);
    this.clientSide.end();
    if (this.joined) this.bridge?.target.end();
    const cut = (): void => {
      this.clientSide.destroy();
      this.deviceSide?.destroy();
    };
    const timer = setTimeout(cut, DRAIN_TIMEOUT_MS);
    void this.over.then(() => clearTimeout(timer));
    if (this.joined) return;
    // Nobody reads the client yet: what it sent has nowhere to go.
    this.clientSide.resume();
    this.deviceSide?.destroy();
    if (this.clientSide.closed) void this.close();
    else this.clientSide.once('close', () => void this.close());
  }

  private async open(grant: ConnectGrant): Promise<void> {
    const { tools } = this;
    const { endpoint, gateway, driver, credentials, caller } = grant;
    const [options, opener] = await Promise.all([
      tools.options.of(this.tenant),
      driver.prepare({ tenant: this.tenant, deviceId: gateway.id, endpoint }),
    ]);
    if (isRefusal(opener)) throw opener;
    if (this.firstEnd) return this.tellOperation(undefined);
    this.unopened = { open: opener, caller };
    this.asksGateway = true;
    const onEnd = (code: ErrorCode): void => this.end(endedBy('service', code));
    startLimits(this.disposables, this.clientSide, options, onEnd);
    this.endWait = this.disposables.timeout(() => {
      const wasTaken = this.progress.next === 'gateway-connected';
      const error = gatewayLate(gateway.name, options.operationTimeoutMs, wasTaken);
      this.end({ by: 'gateway', error });
    }, options.operationTimeoutMs);
    const { hostname, port } = endpoint;
    const connect = { hostname, port, connectionKey: this.connectionKey };
    const operationId = await tools.operations.create(credentials, gateway.id, connect);
    this.operationId = operationId;
    // Gateways are let in from now on, and need the watch: nothing may be waited for before it.
    this.tellOperation(operationId);
    if (this.firstEnd) return;
    this.progress.reached('operation-created', operationId);
    this.endWatch = this.disposables.add(
      tools.watch.watch(this.tenant, operationId, gateway.id, this.operationChanged),
    );
  }

  private async joinSides(deviceSide: DeviceSide): Promise<void> {
    const target = await this.reachTarget(deviceSide);
    if (this.firstEnd) return void target.destroy();
    const targetEnded = (): void => this.note(this.bridge!.end());
    if (target.closed) targetEnded();
    this.joined = true;
    // Before the splice hears of it, which then closes the other side.
    target.on('end', targetEnded);
    target.on('close', targetEnded);
    await splice(this.clientSide, target, { names: ['client', 'target'] });
    await this.close();
  }

  /** What only opening needs goes with it: what to sign in with, and the handshake. */
  private async reachTarget(deviceSide: DeviceSide): Promise<Duplex> {
    const { open, caller } = this.unopened!;
    this.unopened = undefined;
    this.progress.reached('gateway-connected');
    const { greet, ...bridge } = await open({
      deviceSide,
      clientSide: this.clientSide,
      ...this.controls.forOpening(),
      caller,
      onSignedIn: () => this.progress.reached('signed-in'),
    });
    bridge.target.on('error', ignoreBrokenSide);
    if (this.firstEnd) return bridge.target;
    this.bridge = bridge;
    this.controls.attach(bridge);
    this.progress.reached('open');
    if (this.endWatch) this.disposables.timeout(() => this.stopWatching(), LATE_REPORT_MS);
    void this.tools.journal.started(this.grant, this.operationId!, this.controls.hostKeyTrust);
    await greet?.();
    return bridge.target;
  }

  private stopWatching(): void {
    this.endWatch?.();
    this.endWatch = undefined;
  }

  private readonly operationChanged = (operation: Operation): void => {
    if (operation.status === 'FAILED') {
      this.end({ by: 'gateway', error: gatewayRefusal(operation) });
    } else if (operation.status !== 'PENDING' && !this.deviceSide) {
      this.progress.reached('operation-delivered');
    }
  };

  private farewell(end: SessionEnd): Farewell {
    return clientFarewell(end, this.clientSide.bytesOut, this.progress.next);
  }

  /** A side has gone by itself: the splice delivers the rest; without one there is no rest. */
  private sideClosed(end: SessionEnd): void {
    if (this.joined) this.note(end);
    else this.end(end);
  }

  private note(end: SessionEnd): void {
    if (this.firstEnd) return;
    this.firstEnd = end;
    this.disposables.dispose();
    this.tools.withdrawKey();
    this.controls.close();
  }

  /** The first cause; behind a gateway that ended without a byte, the reason that it reports. */
  private decided(): Promise<SessionEnd> {
    const { tools, tenant, operationId, deviceSide } = this;
    this.verdict ??= verdictOn(this.firstEnd ?? CLIENT_LEFT, {
      operations: tools.operations,
      tenant,
      operationId,
      deviceSide,
    });
    return this.verdict;
  }

  private async close(): Promise<void> {
    this.note(CLIENT_LEFT);
    this.deviceSide?.destroy();
    const end = await this.decided();
    const { clientSide, tools, controls } = this;
    const operationId = this.asksGateway ? await this.operationCreated : undefined;
    const paired = this.deviceSide !== undefined;
    const figures = {
      durationMs: this.progress.elapsedMs,
      toClient: clientSide.bytesOut,
      fromClient: clientSide.bytesIn,
      hostKeyTrust: controls.hostKeyTrust,
    };
    await Promise.all([
      tools.journal.ended(this.grant, operationId, end, figures),
      operationId && finishOperation(tools.operations, this.tenant, operationId, paired, end),
    ]);
    this.finish();
  }
}

function ignoreBrokenSide(): void {
  // The close that follows is what ends the session.
}
