import { PROTOCOLS } from '@remote-access/contracts';
import { FRAGMENTS, type OperationStatus, OWN_AGENT } from '@remote-access/contracts/platform';
import type { Log } from '../log/log';
import type { DeviceToken } from '../mqtt/device-token';
import { MqttLink, type MqttConnection, type MqttLinkOptions } from '../mqtt/mqtt-link';
import { formatRow, isTopicLevel, parseRows } from '../mqtt/smartrest';
import { VERSION } from '../platform/platform-access';
import type { ConnectTask, Inbox } from './inbox';
import {
  type ConnectOperation,
  connectOperation,
  type ConnectRequest,
  MAX_REASON_LENGTH,
  PendingReports,
  RecentOperations,
  RESTARTED,
} from './operations';

/** Delivers rows that contain no ids. */
const ROWS = 's/ds';

/** Delivers operations as JSON, including their ids. */
const NOTIFICATIONS = 'devicecontrol/notifications';

const CONNECT_ROW = '530';

/**
 * How long the first report of an operation waits for its id: both messages are sent at the same
 * time.
 */
const ID_WAIT_MS = 1_000;

/**
 * SmartREST templates that identify an operation by its id, or select the oldest one with a
 * fragment.
 */
const TEMPLATES: Readonly<
  Record<Exclude<OperationStatus, 'PENDING'>, { id: string; fragment: string }>
> = {
  EXECUTING: { id: '504', fragment: '501' },
  FAILED: { id: '505', fragment: '502' },
  SUCCESSFUL: { id: '506', fragment: '503' },
};

export interface MqttDevice {
  readonly serial: string;
  readonly name: string;
  readonly type: string;
  /** All operations that the device supports; the declaration replaces an earlier one. */
  readonly operations: readonly string[];
  /** Empty if all protocols are allowed. */
  readonly protocols: readonly string[];
}

/** An operation, identified by its connection key until its id arrives. */
class ReceivedOperation {
  id: string | undefined;
  /** The last report; the next one is sent after it. */
  last: Promise<unknown> = Promise.resolve();
  /** Resolves when the final status has been sent. */
  readonly ended: Promise<void>;
  private markEnded!: () => void;
  private idArrived: (() => void) | undefined;

  constructor(
    readonly serial: string,
    /** Resolves when the previous operation of this device has ended. */
    readonly previousEnded: Promise<void> = Promise.resolve(),
  ) {
    this.ended = new Promise(resolve => (this.markEnded = resolve));
  }

  setId(id: string): void {
    this.id = id;
    this.idArrived?.();
  }

  end(): void {
    this.markEnded();
  }

  async idWithin(timeoutMs: number): Promise<string | undefined> {
    if (this.id === undefined) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, timeoutMs);
        this.idArrived = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.id;
  }
}

/**
 * Receives operations over MQTT with SmartREST 2.0 and reports their status.
 *
 * A row does not identify an operation, and "the oldest one that is EXECUTING" may be a different
 * one. Operations are therefore identified by id as soon as the platform has shown that it sends
 * ids. Without ids, final statuses are sent in the order of the operations.
 */
export class MqttInbox implements Inbox {
  private readonly link: MqttLink;
  private readonly operations = new RecentOperations<ReceivedOperation>();
  private readonly newest = new Map<string, ReceivedOperation>();
  private readonly reports = new PendingReports();
  private onTask: (task: ConnectTask) => void = () => undefined;
  private onReached: () => void = () => undefined;
  private isFirstConnection: boolean;
  /** Whether the platform sends ids; not known until the first operation. */
  private sendsIds: boolean | undefined;

  constructor(
    link: Omit<MqttLinkOptions, 'clientId'>,
    private readonly device: MqttDevice,
    private readonly log: Log,
    private readonly token?: DeviceToken,
    /** Whether operations in status EXECUTING were left behind by a process that has ended. */
    failsInterrupted = true,
  ) {
    this.isFirstConnection = failsInterrupted;
    this.link = new MqttLink(
      { ...link, clientId: device.serial },
      (topic, payload) => this.receive(topic, payload),
      connection => this.start(connection),
    );
  }

  open(onTask: (task: ConnectTask) => void): Promise<void> {
    this.onTask = onTask;
    return new Promise(resolve => {
      this.onReached = resolve;
      this.link.open();
    });
  }

  async close(): Promise<void> {
    this.onTask = () => undefined;
    this.onReached();
    await this.reports.settle();
    this.token?.stop();
    await this.link.close();
  }

  private async start(connection: MqttConnection): Promise<void> {
    const { serial, name, type, operations, protocols } = this.device;
    // Rows cannot remove what an earlier one has declared, but can declare all of them.
    const allowed = protocols.length > 0 ? protocols : PROTOCOLS;
    const rows = [
      ['100', name, type],
      ['114', ...operations],
      ['122', OWN_AGENT, VERSION, ''],
      ['150', ...allowed],
      ...(this.isFirstConnection ? [['507', FRAGMENTS.connect, RESTARTED]] : []),
    ];
    await connection.publish('s/us', rows.map(formatRow).join('\n'));
    this.isFirstConnection = false;
    await connection.subscribe(NOTIFICATIONS).catch(() => (this.sendsIds = false));
    await connection.subscribe(ROWS);
    await connection.subscribe('s/e').catch(() => undefined);
    await this.token?.start(connection);
    await connection.publish('s/us', '500');
    this.log('listening', { device: serial, transport: 'MQTT' });
    this.onReached();
  }

  private receive(topic: string, payload: string): void {
    switch (topic) {
      case ROWS:
        for (const row of parseRows(payload)) if (row[0] === CONNECT_ROW) this.receiveRow(row);
        return;
      case NOTIFICATIONS:
        return this.receiveNotification(payload);
      case 's/dat':
        return this.token?.receive(payload);
      case 's/e':
        return this.log('the platform refused a message', { message: payload.slice(0, 500) });
    }
  }

  private receiveRow([, serial = '', hostname, port, connectionKey]: readonly string[]): void {
    if (!isTopicLevel(serial)) {
      this.log('operation ignored', { reason: 'it names no device' });
      return;
    }
    // A port that is not a number is kept as text; the operation is refused later with an
    // explanation.
    const number = port !== undefined && /^\d{1,9}$/.test(port) ? Number(port) : port;
    this.take(serial, { hostname, port: number, connectionKey: connectionKey || undefined });
  }

  private receiveNotification(payload: string): void {
    const notification = parseNotification(payload);
    if (!notification) return;
    this.sendsIds = true;
    const { id, serial = this.device.serial, connect } = notification;
    if (!isTopicLevel(serial)) return;
    const known = this.operations.get(keyOf(serial, connect));
    if (known?.id !== undefined && known.id !== id) {
      this.refuseReplay(id, serial);
    } else {
      (known ?? this.take(serial, connect, id))?.setId(id);
    }
  }

  /** Refuses an operation that reuses a connection key: a key serves one operation. */
  private refuseReplay(id: string, serial: string): void {
    if (this.operations.has(`id ${id}`)) return;
    const replay = new ReceivedOperation(serial);
    this.operations.set(`id ${id}`, replay);
    replay.setId(id);
    const reason = 'the connection key was used by another operation';
    this.log('session failed', { operation: id, reason });
    this.report(replay, 'FAILED', reason).catch((cause: unknown) =>
      this.log('status not reported', { operation: id, reason: (cause as Error).message }),
    );
  }

  /**
   * The serial number is that of the device or of one of its child devices, which the agent does
   * not know. It is not compared with anything, because it gives whoever chose it nothing:
   *
   * - Only the platform publishes on `s/ds` and on the notifications of a client, and only
   *   operations of its own device and of the child devices.
   * - Host and port have to pass the gateway's lists, and the tunnel is opened with the device's own
   *   credentials: the service admits them only for an operation of this device or a child device.
   * - It only selects the topic of the status, where the platform checks again whose operation it is.
   *
   * @returns `undefined` if the operation was taken before
   */
  private take(
    serial: string,
    connect: ConnectRequest,
    id?: string,
  ): ReceivedOperation | undefined {
    const key = keyOf(serial, connect);
    if (this.operations.has(key)) return undefined;
    const operation = new ReceivedOperation(serial, this.newest.get(serial)?.ended);
    if (id !== undefined) operation.setId(id);
    this.operations.set(key, operation);
    this.newest.set(serial, operation);
    const report = (status: keyof typeof TEMPLATES, reason?: string): Promise<void> =>
      this.report(operation, status, reason);
    this.onTask({
      get id() {
        return operation.id ?? 'not known yet';
      },
      ...connect,
      executing: () => report('EXECUTING'),
      successful: () => report('SUCCESSFUL'),
      failed: reason => report('FAILED', reason),
    });
    return operation;
  }

  /** Sends a status once the earlier ones were sent or have failed. */
  private report(
    operation: ReceivedOperation,
    status: keyof typeof TEMPLATES,
    reason?: string,
  ): Promise<void> {
    const sent = operation.last
      .catch(() => undefined)
      .then(() => this.send(operation, status, reason))
      .finally(() => {
        if (status !== 'EXECUTING') operation.end();
      });
    operation.last = sent;
    return this.reports.add(sent);
  }

  private async send(
    operation: ReceivedOperation,
    status: keyof typeof TEMPLATES,
    reason?: string,
  ): Promise<void> {
    const id = this.sendsIds === false ? operation.id : await operation.idWithin(ID_WAIT_MS);
    if (id === undefined) {
      this.sendsIds = false;
      if (status !== 'EXECUTING') await operation.previousEnded;
    }
    const { [id === undefined ? 'fragment' : 'id']: template } = TEMPLATES[status];
    const row = [template, id ?? FRAGMENTS.connect];
    if (reason !== undefined) row.push(reason.slice(0, MAX_REASON_LENGTH));
    const topic = operation.serial === this.device.serial ? 's/us' : `s/us/${operation.serial}`;
    await this.link.publish(topic, formatRow(row));
  }
}

/** Without a key the whole request serves as identification; such an operation fails anyway. */
function keyOf(serial: string, { hostname, port, connectionKey }: ConnectRequest): string {
  return typeof connectionKey === 'string'
    ? `key ${connectionKey}`
    : JSON.stringify([serial, hostname, port, connectionKey]);
}

/** @returns `undefined` for anything but a new operation of this kind */
function parseNotification(payload: string): ConnectOperation | undefined {
  let data: unknown;
  try {
    data = JSON.parse(payload);
  } catch {
    return undefined;
  }
  const operation = connectOperation(data);
  return operation?.status === 'PENDING' ? operation : undefined;
}
