import { Injectable } from '@nestjs/common';
import {
  addressText,
  type FetchedHostKey,
  type HostKeyFetchBody,
  isRefusal,
  type KeyAlgorithm,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { fetchHostKeys } from '@remote-access/ssh';
import type { HostKey } from '@remote-access/ssh-keys';
import type { GatewayAccess } from '../access/access-policy';
import { AuditTrail } from '../audit/audit-trail';
import type { DeviceSide } from '../gateway-call/device-side';
import { type CallTarget, type GatewayCall, GatewayCalls } from '../gateway-call/gateway-call';
import { TenantOptions } from '../tenant-settings/tenant-options';
import type { CallerCredentials } from '../platform/caller-credentials';
import { MemoryBudget } from '../memory/memory-budget';
import { SESSION_BYTES, SessionMemory } from '../sessions/session-memory';
import { SessionQuotas } from '../sessions/session-registry';

/** Each fetch takes an HTTP request and a connection through a gateway for up to a minute. */
const MAX_FETCHES = 32;

/**
 * Has a gateway connect to an SSH server and asks the server for its host keys, without signing in.
 */
@Injectable()
export class HostKeyFetcher {
  private running = 0;

  constructor(
    private readonly calls: GatewayCalls,
    private readonly options: TenantOptions,
    private readonly audit: AuditTrail,
    private readonly budget: MemoryBudget,
    private readonly quotas: SessionQuotas,
  ) {}

  /**
   * @returns `gateway-…`, `target-…`, `platform-…`, `too-many-requests`, which tell the failed hop
   *   and the reason
   */
  async fetch(
    access: GatewayAccess,
    credentials: CallerCredentials,
    target: Required<HostKeyFetchBody>,
  ): Promise<FetchedHostKey[] | Refusal> {
    if (this.running >= MAX_FETCHES) return new RemoteAccessError('too-many-requests');
    this.running += 1;
    try {
      return await this.fetchInPlace(access, credentials, target);
    } finally {
      this.running -= 1;
    }
  }

  private async fetchInPlace(
    { caller, gateway }: GatewayAccess,
    credentials: CallerCredentials,
    { hostname, port, legacyAlgorithms }: Required<HostKeyFetchBody>,
  ): Promise<FetchedHostKey[] | Refusal> {
    const leave = await this.quotas.occupy({ caller, gateway });
    if (isRefusal(leave)) return leave;
    const reserved = this.budget.reserve(caller, SESSION_BYTES);
    if (isRefusal(reserved)) {
      leave();
      return reserved;
    }
    const address = addressText({ hostname, port });
    let connection: FetchConnection | undefined;
    const memory = new SessionMemory(this.budget, reserved, {
      onStarved: () => connection?.starve(),
    });
    try {
      const { tenant } = caller;
      const keys = await fetchHostKeys({
        open: async () => {
          const { operationTimeoutMs: timeoutMs } = await this.options.of(tenant);
          const device = { deviceId: gateway.id, gatewayName: gateway.name };
          const target = { tenant, credentials, ...device, hostname, port, timeoutMs };
          connection = new FetchConnection(this.calls, target, memory);
          return connection.open();
        },
        endpoint: { name: address, hostname, port },
        legacyAlgorithms,
      });
      const found = keys.map(({ type, sha256 }) => `${type} ${sha256}`).join(', ');
      await this.record(caller, gateway.id, `Host keys of ${address} fetched: ${found}`);
      return keys.map(described);
    } catch (cause) {
      if (!isRefusal(cause)) throw cause;
      const error = (await connection?.failure()) ?? cause;
      const text = `Host keys of ${address} not fetched (${error.code}: ${error.message})`;
      await this.record(caller, gateway.id, text);
      return error;
    } finally {
      memory.release();
      leave();
    }
  }

  private async record(
    { tenant, userName: user }: GatewayAccess['caller'],
    sourceId: string,
    text: string,
  ): Promise<void> {
    const activity = 'Remote access host keys fetched';
    await this.audit.record(tenant, { type: 'Inventory', sourceId, activity, text, user });
  }
}

/** One connection to the server through the gateway, without a client at the other end. */
class FetchConnection {
  private readonly call: GatewayCall;
  private readonly deviceSide: Promise<DeviceSide>;

  constructor(calls: GatewayCalls, target: CallTarget, memory: SessionMemory) {
    let connect!: (deviceSide: DeviceSide) => void;
    let fail!: (failure: RemoteAccessError) => void;
    this.deviceSide = new Promise((resolve, reject) => ([connect, fail] = [resolve, reject]));
    // The connection may fail before anybody awaits it.
    this.deviceSide.catch(() => undefined);
    this.call = calls.create(target, {
      onConnected: deviceSide => {
        memory.watch(deviceSide);
        deviceSide.once('close', () => void this.call.finish(''));
        connect(deviceSide);
      },
      onFailed: failure => {
        fail(failure);
        this.call.deviceSide?.destroy(failure);
      },
    });
  }

  /**
   * @returns the bytes to and from the server; the caller must destroy the stream
   * @throws RemoteAccessError `gateway-timeout`, `gateway-refused`, `gateway-lost`, and the
   *   failures of creating the operation
   */
  async open(): Promise<DeviceSide> {
    try {
      await this.call.place();
      return await this.deviceSide;
    } catch (cause) {
      await this.call.finish((cause as Error).message);
      throw cause;
    }
  }

  /** Called if there is no memory for what the gateway sends. */
  starve(): void {
    this.call.deviceSide?.destroy(new RemoteAccessError('too-many-requests'));
  }

  /** Why no bytes arrived, if that is known. */
  async failure(): Promise<RemoteAccessError | undefined> {
    const { deviceSide } = this.call;
    if (!deviceSide || deviceSide.bytesIn > 0) return undefined;
    const reported = await this.call.silentEnd();
    // Some agents report success before they know; then the connection's own failure is more
    // informative.
    if (reported === 'connected') return undefined;
    return reported ?? (deviceSide.isLost ? new RemoteAccessError('gateway-lost') : undefined);
  }
}

function described({
  line,
  type,
  shortName,
  bits,
  sha256,
  md5,
  randomart,
}: HostKey): FetchedHostKey {
  return { line, type, algorithm: shortName as KeyAlgorithm, bits, sha256, md5, randomart };
}
