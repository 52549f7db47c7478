import {
  type DeviceId,
  type OperationId,
  type Refusal,
  RemoteAccessError,
  type TenantId,
} from '@remote-access/contracts';
import { Disposables } from '@remote-access/streams';
import type { WebSocket } from 'ws';
import type { CallerCredentials } from '../platform/caller-credentials';
import type { AwaitedGateway } from './awaited-gateway';
import { DeviceSide } from './device-side';
import { finishOperation } from './finish-operation';
import { gatewayLate, gatewayRefusal, reportedFailure } from './gateway-failure';
import type { SessionTools } from './session-tools';

/** Where a gateway shall connect to, and in whose name it is asked. */
export interface GatewayTarget {
  readonly tenant: TenantId;
  readonly credentials: CallerCredentials;
  readonly deviceId: DeviceId;
  readonly gatewayName: string;
  readonly hostname: string;
  readonly port: number;
}

/**
 * One connection through a gateway that the service itself wants, with no client at the other
 * end. The operation is created in the caller's name, as for a session.
 */
export class GatewayCall implements AwaitedGateway {
  readonly operationCreated: Promise<OperationId | undefined>;
  private readonly disposables = new Disposables();
  private deviceSide: DeviceSide | undefined;
  private connected!: (deviceSide: DeviceSide) => void;
  private failed!: (failure: Refusal) => void;
  private tellOperation!: (id: OperationId | undefined) => void;

  constructor(
    private readonly target: GatewayTarget,
    private readonly connectionKey: string,
    private readonly tools: Omit<SessionTools, 'journal'>,
  ) {
    this.operationCreated = new Promise(resolve => (this.tellOperation = resolve));
    this.disposables.add(tools.withdrawKey);
  }

  get tenant(): TenantId {
    return this.target.tenant;
  }

  /**
   * @returns the bytes to and from the target; whoever gets them destroys them
   * @throws RemoteAccessError `gateway-timeout`, `gateway-refused`, `gateway-lost`, and what
   * creating the operation answers
   */
  async open(): Promise<DeviceSide> {
    const { target, tools, tenant } = this;
    const connection = new Promise<DeviceSide>((resolve, reject) => {
      this.connected = resolve;
      this.failed = reject;
    });
    // Whoever waits for it may not have come to it yet.
    connection.catch(() => undefined);
    try {
      const { operationTimeoutMs } = await tools.options.of(tenant);
      const { hostname, port, credentials, deviceId } = target;
      const connect = { hostname, port, connectionKey: this.connectionKey };
      const id = await tools.operations.create(credentials, deviceId, connect);
      this.tellOperation(id);
      let wasTaken = false;
      const tooLate = (): void =>
        this.failed(gatewayLate(target.gatewayName, operationTimeoutMs, wasTaken));
      this.disposables.timeout(tooLate, operationTimeoutMs);
      this.disposables.add(
        tools.watch.watch(tenant, id, deviceId, operation => {
          if (operation.status === 'FAILED') this.failed(gatewayRefusal(operation));
          else wasTaken = operation.status !== 'PENDING';
        }),
      );
      return await connection;
    } catch (cause) {
      await this.finish(cause as Refusal);
      throw cause;
    } finally {
      this.tellOperation(undefined);
      this.disposables.dispose();
    }
  }

  deviceConnected(socket: WebSocket): void {
    const deviceSide = new DeviceSide(socket, {
      onBrokenProtocol: () => deviceSide.destroy(new RemoteAccessError('gateway-protocol')),
      closeCode: () => 1000,
    });
    deviceSide.on('error', ignoreBrokenSide);
    deviceSide.once('close', () => void this.finish());
    this.deviceSide = deviceSide;
    this.connected(deviceSide);
  }

  deviceLost(): void {
    this.failed(new RemoteAccessError('gateway-lost'));
  }

  /** Why there were no bytes, where it is known better than by their absence. */
  async reportedFailure(): Promise<Refusal | undefined> {
    const id = await this.operationCreated;
    if (id === undefined || !this.deviceSide || this.deviceSide.bytesIn > 0) return undefined;
    const told = await reportedFailure(this.tools.operations, this.tenant, id);
    return told ?? (this.deviceSide.isLost ? new RemoteAccessError('gateway-lost') : undefined);
  }

  private async finish(error?: Refusal): Promise<void> {
    const id = await this.operationCreated;
    if (id === undefined) return;
    const end = { by: 'service', ...(error ? { error } : {}) } as const;
    const paired = this.deviceSide !== undefined;
    await finishOperation(this.tools.operations, this.tenant, id, paired, end);
  }
}

function ignoreBrokenSide(): void {
  // Whoever reads the stream is told by the stream.
}
