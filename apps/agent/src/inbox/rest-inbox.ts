import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { BayeuxSession, LongPollingTransport } from '@remote-access/bayeux';
import { FRAGMENTS, type OperationStatus, OWN_AGENT } from '@remote-access/contracts/platform';
import { connectionProblem } from '@remote-access/network';
import { BackOff } from '@remote-access/streams';
import type { Log } from '../log/log';
import { type PlatformAccess, VERSION } from '../platform/platform-access';
import { PlatformClient, PlatformError } from '../platform/platform-client';
import type { ConnectTask, Inbox } from './inbox';
import {
  type ConnectOperation,
  connectOperation,
  isObject,
  isOperationId,
  PendingReports,
  RESTARTED,
  TakenOperations,
  MAX_REASON_LENGTH,
} from './operations';

/** The platform's maximum, and more than a gateway can have pending. */
const PAGE_SIZE = 2_000;

const FIRST_RETRY_MS = 500;

/** Attempts to report a status; by the time these have failed, the user has long seen a timeout. */
const MAX_ATTEMPTS = 4;

const EXTERNAL_ID_TYPE = 'c8y_Serial';

/** The channel on which devices receive their operations. */
const NOTIFICATIONS_PATH = '/notification/operations';

/** Identifies the device whose operations are taken. */
export interface DeviceName {
  /** The device's id in the inventory. */
  readonly deviceId?: string;
  /** The device's external id of type `c8y_Serial`, if its inventory id is not known. */
  readonly externalId?: string;
  /** The protocols that the gateway allows; all if empty. */
  readonly protocols?: readonly string[];
}

export interface RestInboxOptions {
  /** Operations that an earlier inbox of this process has accepted. */
  readonly taken?: TakenOperations;
  /** Whether operations in status EXECUTING were left behind by a process that has ended. */
  readonly failsInterrupted?: boolean;
  readonly backOff?: BackOff;
}

/** Whether a device names no agent, or this program in another version. */
function isNewsOfUs(agent: unknown): boolean {
  if (!isObject(agent)) return true;
  return agent['name'] === OWN_AGENT && agent['version'] !== VERSION;
}

/** Receives operations by Bayeux long polling and reports their status with PUT requests. */
export class RestInbox implements Inbox {
  private readonly platform: PlatformClient;
  private readonly taken: TakenOperations;
  private readonly listening = new AbortController();
  private readonly reporting = new AbortController();
  private readonly reports = new PendingReports();
  private deviceId: string | undefined;
  private hasFailedInterrupted: boolean;
  private readonly backOff: BackOff;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    access: PlatformAccess,
    private readonly device: DeviceName,
    private readonly log: Log,
    {
      taken = new TakenOperations(),
      failsInterrupted = true,
      backOff = new BackOff(FIRST_RETRY_MS),
    }: RestInboxOptions = {},
  ) {
    this.taken = taken;
    this.hasFailedInterrupted = !failsInterrupted;
    this.backOff = backOff;
    this.platform = new PlatformClient(access);
    // One listener per call in progress: hundreds of tunnels may start at once.
    setMaxListeners(0, this.listening.signal, this.reporting.signal);
  }

  open(onTask: (task: ConnectTask) => void): Promise<void> {
    return new Promise(resolve => {
      this.loop = this.listen(onTask, resolve).finally(resolve);
    });
  }

  async close(): Promise<void> {
    this.listening.abort();
    await this.loop;
    await this.reports.settle();
    this.reporting.abort();
    this.platform.close();
  }

  /** Subscribes and polls, and starts over after a failure, until the inbox is closed. */
  private async listen(onTask: (task: ConnectTask) => void, onReached: () => void): Promise<void> {
    const { signal } = this.listening;
    while (!signal.aborted) {
      const session = new BayeuxSession(
        new LongPollingTransport(
          (messages, options) => this.platform.call('POST', NOTIFICATIONS_PATH, messages, options),
          ({ data }) => this.offer(connectOperation(data), onTask),
          signal,
        ),
      );
      try {
        if (this.deviceId === undefined) {
          this.deviceId = await this.findDevice();
          await this.declare(this.deviceId);
        }
        await session.handshake();
        await session.subscribe(`/${this.deviceId}`);
        // The order ensures that nothing is missed: operations created after the query are pushed.
        await this.takePending(this.deviceId, onTask);
        await this.failInterrupted(this.deviceId);
        this.log('listening', { device: this.deviceId });
        onReached();
        for (;;) {
          await session.connect();
          this.backOff.reset();
        }
      } catch (cause) {
        if (signal.aborted) {
          await session.disconnect().catch(() => undefined);
          return;
        }
        const waitMs = Math.round(this.backOff.next());
        const reason = connectionProblem('the platform', cause);
        this.log('not listening', { reason, nextTryInMs: waitMs });
        await delay(waitMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async findDevice(): Promise<string> {
    const { deviceId, externalId } = this.device;
    if (deviceId) return deviceId;
    const name = encodeURIComponent(externalId ?? '');
    const identity = (await this.platform.call(
      'GET',
      `/identity/externalIds/${EXTERNAL_ID_TYPE}/${name}`,
      undefined,
      { signal: this.listening.signal },
    )) as { managedObject?: { id?: unknown } } | undefined;
    const id = identity?.managedObject?.id;
    if (!isOperationId(id)) {
      throw new Error(`the platform's answer has no device for ${EXTERNAL_ID_TYPE} ${externalId}`);
    }
    return id;
  }

  /**
   * Adds our operation to those that the device supports, and names this program as its agent
   * unless another one is named. Without permission to do so, somebody else must declare it.
   */
  private async declare(deviceId: string): Promise<void> {
    const path = `/inventory/managedObjects/${encodeURIComponent(deviceId)}`;
    const { signal } = this.listening;
    try {
      const device = await this.platform.call('GET', path, undefined, { signal });
      const {
        c8y_SupportedOperations: declared,
        c8y_Agent: agent,
        [FRAGMENTS.supportedProtocols]: declaredProtocols,
      } = isObject(device) ? device : {};
      const operations: unknown[] = Array.isArray(declared) ? declared : [];
      const { protocols = [] } = this.device;
      const body = {
        ...(!operations.includes(FRAGMENTS.connect) && {
          c8y_SupportedOperations: [...operations, FRAGMENTS.connect],
        }),
        ...(protocols.length > 0 && { [FRAGMENTS.supportedProtocols]: protocols }),
        // The platform removes a fragment that is null.
        ...(protocols.length === 0 &&
          declaredProtocols !== undefined && { [FRAGMENTS.supportedProtocols]: null }),
        ...(isNewsOfUs(agent) && { c8y_Agent: { name: OWN_AGENT, version: VERSION } }),
      };
      if (Object.keys(body).length === 0) return;
      await this.platform.call('PUT', path, body, { signal });
    } catch (cause) {
      if (!signal.aborted) this.log('not declared', { reason: (cause as Error).message });
    }
  }

  private async takePending(deviceId: string, onTask: (task: ConnectTask) => void): Promise<void> {
    for (const operation of await this.list(deviceId, 'PENDING')) this.offer(operation, onTask);
  }

  /** Fails operations that a previous agent process was working on: they will never be finished. */
  private async failInterrupted(deviceId: string): Promise<void> {
    if (this.hasFailedInterrupted) return;
    for (const operation of await this.list(deviceId, 'EXECUTING')) {
      if (!this.taken.add(operation.id)) continue;
      void this.taskOf(operation)
        .failed(RESTARTED)
        .catch((cause: unknown) =>
          this.log('status not reported', { reason: (cause as Error).message }),
        );
    }
    this.hasFailedInterrupted = true;
  }

  /**
   * `agentId` also finds the operations of child devices, but only if the device is marked as an
   * agent; `deviceId` always finds the device's own operations.
   */
  private async list(id: string, status: OperationStatus): Promise<ConnectOperation[]> {
    const lists = await Promise.all([
      this.page({ deviceId: id, status }),
      this.page({ agentId: id, status }),
    ]);
    const byId = new Map(lists.flat().map(operation => [operation.id, operation]));
    return [...byId.values()];
  }

  private async page(filter: Record<string, string>): Promise<ConnectOperation[]> {
    const query = new URLSearchParams({ ...filter, pageSize: String(PAGE_SIZE) });
    const page = (await this.platform.call(
      'GET',
      `/devicecontrol/operations?${query.toString()}`,
      undefined,
      { signal: this.listening.signal },
    )) as { operations?: unknown } | undefined;
    if (!Array.isArray(page?.operations)) {
      throw new Error("the platform's answer has no operations");
    }
    return page.operations.map(connectOperation).filter(operation => operation !== undefined);
  }

  private offer(
    operation: ConnectOperation | undefined,
    onTask: (task: ConnectTask) => void,
  ): void {
    if (operation?.status !== 'PENDING') return;
    if (this.taken.add(operation.id)) onTask(this.taskOf(operation));
  }

  private taskOf({ id, connect }: ConnectOperation): ConnectTask {
    const reporter = new OperationReporter(this.platform, id, this.reporting.signal);
    const report: OperationReporter['report'] = (status, reason) =>
      this.reports.add(reporter.report(status, reason));
    return {
      id,
      ...connect,
      executing: () => report('EXECUTING'),
      successful: () => report('SUCCESSFUL'),
      failed: reason => report('FAILED', reason),
    };
  }
}

/** Reports the statuses of one operation to the platform, in order. */
class OperationReporter {
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly platform: PlatformClient,
    private readonly operationId: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Sends a status once the earlier ones were sent or have failed. */
  report(status: OperationStatus, failureReason?: string): Promise<void> {
    const before = this.last.catch(() => undefined);
    this.last = before.then(() =>
      this.send({
        status,
        ...(failureReason !== undefined && {
          failureReason: failureReason.slice(0, MAX_REASON_LENGTH),
        }),
      }),
    );
    return this.last;
  }

  private async send(body: object): Promise<void> {
    const path = `/devicecontrol/operations/${encodeURIComponent(this.operationId)}`;
    const backOff = new BackOff(FIRST_RETRY_MS);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.platform.call('PUT', path, body, { signal: this.signal });
        return;
      } catch (cause) {
        const isFinal = cause instanceof PlatformError && cause.status < 500;
        if (isFinal || attempt === MAX_ATTEMPTS || this.signal.aborted) throw cause;
        await delay(backOff.next(), undefined, { signal: this.signal });
      }
    }
  }
}
