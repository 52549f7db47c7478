import { RemoteAccessError } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import type { FramedConnection } from '@remote-access/relay';
import { EventEmitter } from 'node:events';
import { SINGLE_REPLICA } from '../cluster/cluster';
import { type CallListener, GatewayCalls } from '../gateway-call/gateway-call';
import type { ConnectOperations } from '../operations/connect-operations';
import type { OperationWatch } from '../operations/operation-watch';
import type { SessionJournal } from '../sessions/session-journal';
import type { SessionQuotas } from '../sessions/session-registry';
import type { TenantOptions } from '../tenant-settings/tenant-options';
import type { ConnectGrant } from './connect-policy';
import { type EarlyCall, EarlyCalls } from './early-calls';

const REFUSAL = new RemoteAccessError('too-many-requests');

const operations = {
  create: jest.fn(),
  failUnfinished: jest.fn(),
  failUnfinishedLater: jest.fn(),
};
const prepare = jest.fn();
const quota = jest.fn();
const journaled = jest.fn();
let report: (change: Partial<Operation>) => void;
let calls: GatewayCalls;
let early: EarlyCalls;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask'] });
  jest.resetAllMocks();
  operations.create.mockImplementation(() =>
    Promise.resolve(String(4711 + operations.create.mock.calls.length)),
  );
  prepare.mockResolvedValue(() => undefined);
  const watch = (...[, , , listener]: Parameters<OperationWatch['watch']>) => {
    report = change => listener(change as Operation);
    return () => undefined;
  };
  calls = new GatewayCalls(
    operations as unknown as ConnectOperations,
    { watch } as unknown as OperationWatch,
    SINGLE_REPLICA,
  );
  early = new EarlyCalls(
    calls,
    { refusal: quota } as unknown as SessionQuotas,
    {
      of: () => Promise.resolve({ operationTimeoutMs: 30_000 }),
    } as unknown as TenantOptions,
    { ended: journaled } as unknown as SessionJournal,
  );
});
afterEach(async () => {
  await early.onModuleDestroy();
  jest.useRealTimers();
});

function grantOf(userName = 'ana', endpointId = '2'): ConnectGrant {
  return {
    caller: { tenant: 't1', userName },
    gateway: { id: '7', name: 'Press' },
    endpoint: { id: endpointId, hostname: 'plc', port: 22 },
    driver: { prepare },
  } as unknown as ConnectGrant;
}

async function begin(grant = grantOf()): Promise<EarlyCall> {
  const call = early.begin(grant);
  await settled();
  if (!call) throw new Error('It is not called early');
  return call;
}

/** Lets everything happen that waits for nothing but promises. */
async function settled(): Promise<void> {
  await jest.advanceTimersByTimeAsync(0);
}

/** A session that writes down its events. */
function session(): { events: unknown[][]; listener: CallListener } {
  const events: unknown[][] = [];
  const listener: CallListener = {
    onCreated: id => events.push(['created', id]),
    onDelivered: () => events.push(['delivered']),
    onConnected: () => events.push(['connected']),
    onFailed: ({ code }) => events.push(['failed', code]),
    onDisconnected: () => events.push(['disconnected']),
  };
  return { events, listener };
}

function connect(): EventEmitter & { readonly close: jest.Mock } {
  const [, , , { connectionKey }] = operations.create.mock.lastCall as [
    unknown,
    unknown,
    unknown,
    { connectionKey: string },
  ];
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    pause: jest.fn(),
    resume: jest.fn(),
    ping: jest.fn(),
    close: jest.fn(),
    terminate: jest.fn(),
  });
  calls.claim(connectionKey)!.connected(socket as unknown as FramedConnection);
  return socket;
}

it('creates the operation before there is a session, which then gets every event in order', async () => {
  const call = await begin();
  expect(operations.create).toHaveBeenCalledTimes(1);
  report({ status: 'EXECUTING' });
  const { events, listener } = session();
  const taken = call.takeOver(listener)!;
  // The session is still being set up.
  expect(events).toEqual([]);
  await taken.place();
  expect(events).toEqual([['created', '4712'], ['delivered']]);
  connect();
  expect(events).toEqual([['created', '4712'], ['delivered'], ['connected']]);
  expect(operations.create).toHaveBeenCalledTimes(1);
  jest.advanceTimersByTime(60_000);
  expect(operations.failUnfinished).not.toHaveBeenCalled();
});

it('hands over a gateway that was faster than the client', async () => {
  const call = await begin();
  connect();
  const { events, listener } = session();
  const taken = call.takeOver(listener)!;
  await taken.place();
  expect(events).toEqual([['created', '4712'], ['connected']]);
  expect(operations.create).toHaveBeenCalledTimes(1);
});

it('hands over a call whose operation the platform refuses, before or after that', async () => {
  let refuse!: (cause: Error) => void;
  operations.create
    .mockReturnValueOnce(new Promise((_, reject) => (refuse = reject)))
    .mockRejectedValueOnce(new RemoteAccessError('forbidden'));
  const slow = (await begin()).takeOver(session().listener)!.place();
  refuse(new RemoteAccessError('forbidden'));
  await expect(slow).rejects.toMatchObject({ code: 'forbidden' });
  const fast = (await begin()).takeOver(session().listener)!.place();
  await expect(fast).rejects.toMatchObject({ code: 'forbidden' });
  expect(operations.create).toHaveBeenCalledTimes(2);
});

it('hands over a call that the gateway has refused, so that there is one operation', async () => {
  const call = await begin();
  report({ status: 'FAILED', failureReason: 'connection refused' });
  const { events, listener } = session();
  await call.takeOver(listener)!.place();
  expect(events).toEqual([
    ['created', '4712'],
    ['failed', 'gateway-refused'],
  ]);
});

it('lets the session call again if the gateway has connected and left', async () => {
  const call = await begin();
  connect().emit('close', 1006, '');
  expect(call.takeOver(session().listener)).toBeUndefined();
  await settled();
  expect(journaled.mock.calls).toMatchObject([
    [{}, '4712', { error: { code: 'gateway-lost' } }, {}],
  ]);
});

it.each([
  ['the endpoint cannot be signed in to', () => prepare.mockResolvedValue(REFUSAL)],
  ['the user has too many sessions', () => quota.mockResolvedValue(REFUSAL)],
])('leaves it to the session to say that %s', async (_name, make) => {
  make();
  const call = await begin();
  expect(call.takeOver(session().listener)).toBeUndefined();
  expect(operations.create).not.toHaveBeenCalled();
});

describe('if the client does not come within five seconds', () => {
  it('withdraws the key, fails the operation and says so in the audit log', async () => {
    const call = await begin();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(operations.failUnfinished.mock.calls).toEqual([
      ['t1', '4712', 'The client left before the gateway connected.'],
    ]);
    expect(journaled.mock.calls).toMatchObject([
      [{ subject: { endpoint: { id: '2' } } }, '4712', { by: 'client' }, { hasAnswered: false }],
    ]);
    expect(call.takeOver(session().listener)).toBeUndefined();
  });

  it('closes the connection of the gateway', async () => {
    await begin();
    const socket = connect();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(socket.close.mock.calls).toMatchObject([[1000, '']]);
    expect(operations.failUnfinishedLater).toHaveBeenCalledTimes(1);
  });
});

it('ends the call for an endpoint that the same user requests again, and no other', async () => {
  const first = await begin();
  const ofAnother = await begin(grantOf('ben'));
  const toAnother = await begin(grantOf('ana', '3'));
  const second = await begin();
  expect(first.takeOver(session().listener)).toBeUndefined();
  for (const call of [ofAnother, toAnother, second]) {
    expect(call.takeOver(session().listener)).toBeDefined();
  }
});

it('places at most four calls per user', async () => {
  for (let at = 0; at < 4; at += 1) await begin(grantOf('ana', String(at)));
  expect(early.begin(grantOf('ana', '4'))).toBeUndefined();
  expect(early.begin(grantOf('ben', '4'))).toBeDefined();
});

it('ends every call when the service stops', async () => {
  await begin();
  await early.onModuleDestroy();
  expect(operations.failUnfinished).toHaveBeenCalledTimes(1);
});
