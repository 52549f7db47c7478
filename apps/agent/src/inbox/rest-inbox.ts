import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { BayeuxSession, LongPollingTransport } from '@remote-access/bayeux';
import {
  FRAGMENTS,
  type Operation,
  type OperationStatus,
  type RemoteAccessConnect,
} from '@remote-access/contracts/platform';
import { BackOff } from '@remote-access/streams';
import type { Log } from '../log/log';
import type { AgentSettings } from '../settings/agent-settings';
import type { ConnectTask, Inbox } from './inbox';
import { OperationReporter } from './operation-reporter';
import { PlatformClient } from './platform-client';

/** As many as the platform gives at once; more than a gateway can have waiting. */
const PAGE_SIZE = 2_000;

const FIRST_RETRY_MS = 500;

const EXTERNAL_ID_TYPE = 'c8y_Serial';

/** Where devices receive their operations. */
const NOTIFICATIONS_PATH = '/notification/operations';

/** The states of tasks that were in the middle of something when the agent was closed. */
const LAST_WORDS_MS = 2_000;

/** Many times what can be pending at once; older ones have long ended. */
const MAX_REMEMBERED = 10_000;

/** Remembers operations that were taken, so that none is taken twice. */
export class TakenOperations {
  private readonly ids = new Set<string>();

  /** @returns whether it is the first time */
  add(id: string): boolean {
    if (this.ids.has(id)) return false;
    this.ids.add(id);
    if (this.ids.size > MAX_REMEMBERED) {
      for (const oldest of this.ids) {
        this.ids.delete(oldest);
        break;
      }
    }
    return true;
  }
}

/** Operations by REST: a long poll says that there is one, PUT says what became of it. */
export class RestInbox implements Inbox {
  private readonly platform: PlatformClient;
  private readonly taken = new TakenOperations();
  private readonly listening = new AbortController();
  private readonly reporting = new AbortController();
  private readonly reports = new Set<Promise<void>>();
  private deviceId: string | undefined;
  private hasFailedInterrupted = false;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly settings: AgentSettings,
    private readonly log: Log,
    private readonly backOff = new BackOff(FIRST_RETRY_MS),
  ) {
    this.platform = new PlatformClient(settings);
    // As many as there are calls under way: one for each of hundreds of tunnels that begin at once.
    setMaxListeners(0, this.listening.signal, this.reporting.signal);
  }

  open(take: (task: ConnectTask) => void): Promise<void> {
    return new Promise(resolve => {
      this.loop = this.listen(take, resolve).finally(resolve);
    });
  }

  async close(): Promise<void> {
    this.listening.abort();
    await this.loop;
    const timer = setTimeout(() => this.reporting.abort(), LAST_WORDS_MS);
    await Promise.allSettled(this.reports);
    clearTimeout(timer);
    this.platform.close();
  }

  /** Subscribes and polls, again and again, until the inbox is closed. */
  private async listen(take: (task: ConnectTask) => void, reached: () => void): Promise<void> {
    const { signal } = this.listening;
    while (!signal.aborted) {
      const session = new BayeuxSession(
        new LongPollingTransport(
          (messages, options) => this.platform.call('POST', NOTIFICATIONS_PATH, messages, options),
          ({ data }) => this.offer(data as Operation | null, take),
          signal,
        ),
      );
      try {
        this.deviceId ??= await this.findDevice();
        await session.handshake();
        await session.subscribe(`/${this.deviceId}`);
        // In this order nothing falls between: what is created after the question is pushed.
        await this.takePending(this.deviceId, take);
        await this.failInterrupted(this.deviceId);
        this.log('listening', { device: this.deviceId });
        reached();
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
        this.log('not listening', { reason: (cause as Error).message, nextTryInMs: waitMs });
        await delay(waitMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async findDevice(): Promise<string> {
    const { deviceId, externalId } = this.settings;
    if (deviceId) return deviceId;
    const name = encodeURIComponent(externalId ?? '');
    const identity = (await this.platform.call(
      'GET',
      `/identity/externalIds/${EXTERNAL_ID_TYPE}/${name}`,
      undefined,
      { signal: this.listening.signal },
    )) as { managedObject: { id: string } };
    return identity.managedObject.id;
  }

  private async takePending(deviceId: string, take: (task: ConnectTask) => void): Promise<void> {
    for (const operation of await this.list(deviceId, 'PENDING')) this.offer(operation, take);
  }

  /** What an agent before this one had begun, nobody brings to an end any more. */
  private async failInterrupted(deviceId: string): Promise<void> {
    if (this.hasFailedInterrupted) return;
    for (const operation of await this.list(deviceId, 'EXECUTING')) {
      const connect = operation[FRAGMENTS.connect];
      if (!connect || !this.taken.add(operation.id)) continue;
      void this.taskOf(operation.id, connect)
        .failed("the gateway's agent was restarted")
        .catch((cause: unknown) => this.log('not told', { reason: (cause as Error).message }));
    }
    this.hasFailedInterrupted = true;
  }

  /**
   * `agentId` has the operations of child devices too, but only where the device is marked as an
   * agent; `deviceId` has its own in any case.
   */
  private async list(id: string, status: OperationStatus): Promise<Operation[]> {
    const lists = await Promise.all([
      this.page({ deviceId: id, status }),
      this.page({ agentId: id, status }),
    ]);
    const byId = new Map(lists.flat().map(operation => [operation.id, operation]));
    return [...byId.values()];
  }

  private async page(filter: Record<string, string>): Promise<Operation[]> {
    const query = new URLSearchParams({ ...filter, pageSize: String(PAGE_SIZE) });
    const page = (await this.platform.call(
      'GET',
      `/devicecontrol/operations?${query.toString()}`,
      undefined,
      { signal: this.listening.signal },
    )) as { operations: Operation[] };
    return page.operations;
  }

  private offer(operation: Operation | null, take: (task: ConnectTask) => void): void {
    const connect = operation?.[FRAGMENTS.connect];
    // Others of the device's operations are somebody else's.
    if (!connect || operation.status !== 'PENDING') return;
    if (this.taken.add(operation.id)) take(this.taskOf(operation.id, connect));
  }

  private taskOf(id: string, { hostname, port, connectionKey }: RemoteAccessConnect): ConnectTask {
    const reporter = new OperationReporter(this.platform, id, this.reporting.signal);
    const report: OperationReporter['report'] = (status, reason) => {
      const done = reporter.report(status, reason);
      this.reports.add(done);
      const forget = (): void => void this.reports.delete(done);
      done.then(forget, forget);
      return done;
    };
    return {
      id,
      hostname,
      port,
      connectionKey,
      executing: () => report('EXECUTING'),
      successful: () => report('SUCCESSFUL'),
      failed: reason => report('FAILED', reason),
    };
  }
}
