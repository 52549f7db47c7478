import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { SUBPROTOCOLS } from '@remote-access/contracts';
import type { SessionFacts } from '@remote-access/contracts/platform';
import { FramedConnection } from '@remote-access/relay';
import { waitUntil } from '@remote-access/testkit';
import { SESSION_ENDED } from '../audit/audit-trail';
import { SINGLE_REPLICA } from '../cluster/cluster';
import { type CallTarget, GatewayCalls } from '../gateway-call/gateway-call';
import { MemoryBudget, type Reservation } from '../memory/memory-budget';
import { Metrics } from '../metrics/metrics';
import type { ConnectOperations } from '../operations/connect-operations';
import type { OperationWatch } from '../operations/operation-watch';
import type { BridgeOpener } from './bridge';
import { Session } from './session';
import { endedBy } from './session-end';
import { SessionJournal } from './session-journal';
import type { SessionLimits } from './session-limits';
import { SESSION_BYTES } from './session-memory';
import { SessionRegistry } from './session-registry';

const HOUR_MS = 3_600_000;
const TENANT = 't1';

interface Record {
  readonly activity: string;
  readonly text: string;
  readonly session?: SessionFacts;
}

interface StandOptions extends Partial<SessionLimits> {
  /** How long the gateway may take to connect. */
  readonly timeoutMs?: number;
  readonly protocol?: string;
}

/** Joins the client to the gateway's bytes. */
const openBridge: BridgeOpener = ({ deviceSide }) =>
  Promise.resolve({
    target: deviceSide,
    resize: () => undefined,
    outcome: () => ({ by: 'target' }),
  });

/** A session on real sockets, with a platform that accepts everything. */
class Stand {
  readonly metrics = new Metrics();
  readonly registry = new SessionRegistry({ perUser: 9, perDevice: 9 });
  readonly records: Record[] = [];
  /** The far ends of the session's two connections. */
  client!: FramedConnection;
  device: FramedConnection | undefined;
  session!: Session;
  private key: string | undefined;
  private readonly calls: GatewayCalls;

  private constructor() {
    const operations = {
      create: (_tenant: unknown, _by: unknown, _to: string, connect: { connectionKey: string }) => {
        this.key = connect.connectionKey;
        return Promise.resolve('4711');
      },
      read: () => Promise.resolve({ status: 'SUCCESSFUL' }),
      failUnfinished: () => Promise.resolve(),
      failUnfinishedLater: () => undefined,
    };
    this.calls = new GatewayCalls(
      operations as unknown as ConnectOperations,
      { watch: () => () => undefined } as unknown as OperationWatch,
      SINGLE_REPLICA,
    );
  }

  static async start({ timeoutMs = HOUR_MS, protocol = '', ...limits }: StandOptions = {}) {
    const stand = new Stand();
    const { calls, metrics, records, registry } = stand;
    const caller = { tenant: TENANT, userName: 'ana' };
    const endpoint = { id: '1', name: 'Plc', hostname: 'plc', port: 502 };
    const budget = new MemoryBudget({
      processBytes: 2 * SESSION_BYTES,
      tenantBytes: 2 * SESSION_BYTES,
      userBytes: 2 * SESSION_BYTES,
    });
    const audit = { record: (_: string, one: Record) => Promise.resolve(records.push(one) > 0) };
    const { near, far } = await connectionPair(protocol);
    stand.client = far;
    stand.session = new Session(near, {
      id: 'session',
      subject: {
        caller,
        gateway: { id: '7', name: 'Press' },
        endpoint: { ...endpoint, protocol: 'PASSTHROUGH' },
        notice: undefined,
        rights: { operate: [], see: [] },
      },
      origin: '',
      keep: undefined,
      size: undefined,
      journal: new SessionJournal(audit, { info: () => undefined }, 'this process'),
      metrics,
      memory: { budget, reservation: budget.reserve(caller, SESSION_BYTES) as Reservation },
      prepare: () =>
        Promise.resolve({
          limits: {
            idleTimeoutMs: HOUR_MS,
            maxDurationMs: 0,
            stalledReaderMs: HOUR_MS,
            ...limits,
          },
          auditRequired: true,
          keepMs: 0,
          openBridge,
          createCall: listener => calls.create({ ...TARGET, timeoutMs }, listener),
        }),
      onRenewed: () => undefined,
    });
    registry.add(stand.session);
    stand.session.start();
    await waitUntil('the gateway is called', () => stand.key !== undefined);
    return stand;
  }

  /** The gateway connects, and the endpoint greets. */
  async open(): Promise<this> {
    const { near, far } = await connectionPair('binary');
    this.device = far;
    this.calls.claim(this.key!)!.connected(near);
    far.send(Buffer.from('hello'));
    await waitUntil('both sides are joined', () => this.session.bytesToClient === 5);
    return this;
  }

  /** Sends from one end until something holds. */
  async flood(from: FramedConnection, what: string, holds: () => boolean | Promise<boolean>) {
    await waitUntil(what, () => {
      if (from.bufferedAmount < 2 ** 20) from.send(Buffer.alloc(100_000));
      return holds();
    });
  }

  /** The values of a counter, by one of its labels. */
  async counted(name: string): Promise<{ labels: object; value: number }[]> {
    const { values } = await this.metrics.registry.getSingleMetric(name)!.get();
    return values.map(({ labels, value }) => ({ labels, value }));
  }

  async stop(): Promise<void> {
    this.client.terminate();
    this.device?.terminate();
    await this.registry.stop();
  }
}

const TARGET: CallTarget = {
  tenant: TENANT,
  credentials: {} as CallTarget['credentials'],
  deviceId: '7',
  gatewayName: 'Press',
  hostname: 'plc',
  port: 502,
  timeoutMs: HOUR_MS,
};

/** A WebSocket: the end of the service, and the one of a client or gateway. */
async function connectionPair(protocol: string) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  server.close();
  const options = { protocol, maxMessageBytes: 2 ** 20 };
  return {
    near: new FramedConnection(accepted, { ...options, role: 'server' }),
    far: new FramedConnection(socket, { ...options, role: 'client' }),
  };
}

let stand: Stand;
afterEach(() => stand.stop());

describe('the end of a session', () => {
  it.each<[string, string, string, StandOptions, (stand: Stand) => unknown]>([
    ['the client leaves', 'client', 'normal', {}, ({ client }) => client.close()],
    ['the endpoint ends', 'target', 'normal', {}, ({ device }) => device!.close()],
    ['nobody uses it', 'service', 'idle-timeout', { idleTimeoutMs: 100 }, () => undefined],
    ['its time is up', 'service', 'session-expired', { maxDurationMs: 100 }, () => undefined],
    ['the service stops', 'service', 'shutting-down', {}, ({ registry }) => registry.stop()],
    ['the gateway is lost', 'gateway', 'gateway-lost', {}, ({ device }) => device!.terminate()],
    [
      'the client stops reading',
      'service',
      'reader-stalled',
      { stalledReaderMs: 200 },
      async at => {
        at.client.pause();
        await at.flood(at.device!, 'it ends', () => at.session.hasEnded);
        at.client.resume();
      },
    ],
    [
      'the gateway stops reading',
      'gateway',
      'reader-stalled',
      { stalledReaderMs: 200 },
      async at => {
        at.device!.pause();
        await at.flood(at.client, 'it ends', () => at.session.hasEnded);
        at.device!.resume();
      },
    ],
    [
      'access is withdrawn',
      'platform',
      'access-withdrawn',
      {},
      ({ registry }) => registry.endAllOf(TENANT, endedBy('platform', 'access-withdrawn')),
    ],
  ])('because %s is recorded and counted once: by %s, %s', async (_why, by, code, options, act) => {
    stand = await Stand.start(options);
    await stand.open();
    await act(stand);
    await stand.session.over;
    await expectEnd(by, code);
  });

  it('because the gateway does not connect is recorded and counted once', async () => {
    stand = await Stand.start({ timeoutMs: 50 });
    await stand.session.over;
    await expectEnd('gateway', 'gateway-timeout');
  });

  async function expectEnd(by: string, code: string): Promise<void> {
    expect(stand.records.filter(({ activity }) => activity === SESSION_ENDED)).toMatchObject([
      {
        text: expect.stringMatching(`ended by ${by} after [\\d.]+ s \\(${code}: [A-Z]`),
        session: { code },
      },
    ]);
    const labels = { protocol: 'PASSTHROUGH', by, code };
    const ended = await stand.counted('remoteaccess_sessions_ended_total');
    expect(ended).toEqual([{ labels, value: 1 }]);
  }
});

describe('a pause is counted with its reason', () => {
  const PAUSES = 'remoteaccess_relay_pauses_total';

  async function reasons(): Promise<unknown[]> {
    return (await stand.counted(PAUSES)).map(({ labels }) => Object.values(labels)[0]).sort();
  }
  const isCounted = (reason: string) => async () => (await reasons()).includes(reason);

  it('client-full, while the client does not read', async () => {
    stand = await (await Stand.start()).open();
    stand.client.pause();
    await stand.flood(stand.device!, 'a pause', isCounted('client-full'));
    expect(await reasons()).toEqual(['client-full']);
  });

  it('target-full, while the gateway does not read', async () => {
    stand = await (await Stand.start()).open();
    stand.device!.pause();
    await stand.flood(stand.client, 'a pause', isCounted('target-full'));
    expect(await reasons()).toEqual(['target-full']);
  });

  it('not-rendered, while the page reads but draws nothing', async () => {
    stand = await Stand.start({ protocol: SUBPROTOCOLS.v1 });
    stand.client.send(JSON.stringify({ type: 'ack', bytes: 0 }));
    await stand.open();
    await stand.flood(stand.device!, 'a pause', isCounted('not-rendered'));
    const labels = { reason: 'not-rendered' };
    expect(await stand.counted(PAUSES)).toContainEqual({ labels, value: 1 });
  });

  it('memory, once the budget is used up', async () => {
    stand = await Stand.start();
    stand.client.send(Buffer.alloc(900_000));
    await waitUntil('a pause', isCounted('memory'));
    expect(await stand.counted(PAUSES)).toEqual([{ labels: { reason: 'memory' }, value: 1 }]);
  });
});
