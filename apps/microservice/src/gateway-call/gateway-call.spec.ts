import { SINGLE_REPLICA } from '../cluster/cluster';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { RemoteAccessError } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import type { FramedConnection } from '@remote-access/relay';
import { WebSocket } from 'ws';
import { acceptHandshake } from '../door/handshake';
import type { ConnectOperations } from '../operations/connect-operations';
import type { OperationWatch } from '../operations/operation-watch';
import type { CallerCredentials } from '../platform/caller-credentials';
import { type CallListener, type CallTarget, GatewayCalls } from './gateway-call';

const TARGET: CallTarget = {
  tenant: 't1',
  credentials: {} as CallerCredentials,
  deviceId: '7',
  gatewayName: 'Press',
  hostname: 'plc',
  port: 22,
  timeoutMs: 30_000,
};

const operations = {
  create: jest.fn(),
  read: jest.fn(),
  failUnfinished: jest.fn(),
  failUnfinishedLater: jest.fn(),
};
let report: (change: Partial<Operation>) => void;
const stopWatch = jest.fn();
const watch = (...[, , , listener]: Parameters<OperationWatch['watch']>) => {
  report = change => listener(change as Operation);
  return stopWatch;
};
let calls: GatewayCalls;
let listener: { [Name in keyof CallListener]-?: jest.Mock };

const key = (): string =>
  (operations.create.mock.lastCall as [unknown, unknown, unknown, Connect])[3].connectionKey;
interface Connect {
  readonly connectionKey: string;
}

beforeEach(() => {
  jest.resetAllMocks();
  operations.create.mockResolvedValue('4711');
  listener = {
    onCreated: jest.fn(),
    onDelivered: jest.fn(),
    onConnected: jest.fn(),
    onFirstByte: jest.fn(),
    onFailed: jest.fn(),
    onDisconnected: jest.fn(),
    closeCode: jest.fn(() => 1001),
  };
  calls = new GatewayCalls(
    operations as unknown as ConnectOperations,
    { watch } as unknown as OperationWatch,
    SINGLE_REPLICA,
  );
});
afterEach(() => jest.useRealTimers());

it('creates the operation with a key that can be claimed once', async () => {
  const call = calls.create(TARGET, listener);
  await call.place();
  const { tenant, credentials, deviceId, hostname, port } = TARGET;
  const connectionKey = key();
  expect(operations.create.mock.calls).toEqual([
    [tenant, credentials, deviceId, { hostname, port, connectionKey }],
  ]);
  expect(listener.onCreated.mock.calls).toEqual([['4711']]);
  expect(await call.operationCreated).toBe('4711');
  expect(calls.waitingFor(connectionKey)).toBe(call);
  expect(calls.claim(connectionKey)).toBe(call);
  expect(calls.claim(connectionKey)).toBeUndefined();
  call.release();
});

describe('while other replicas do not know the key yet', () => {
  let confirm: () => void;
  beforeEach(() => {
    const cluster = {
      announce: () => () => undefined,
      announced: () => new Promise<void>(resolve => (confirm = resolve)),
    };
    calls = new GatewayCalls(
      operations as unknown as ConnectOperations,
      { watch } as unknown as OperationWatch,
      cluster,
    );
  });

  it('there is no operation', async () => {
    const call = calls.create(TARGET, listener);
    const placed = call.place();
    await new Promise(setImmediate);
    expect(operations.create).not.toHaveBeenCalled();
    confirm();
    await placed;
    expect(operations.create).toHaveBeenCalledTimes(1);
    call.release();
  });

  it('a call that is released never creates one', async () => {
    const call = calls.create(TARGET, listener);
    const placed = call.place();
    const finished = call.finish('no');
    confirm();
    await Promise.all([placed, finished]);
    expect(await call.operationCreated).toBeUndefined();
    expect(operations.create).not.toHaveBeenCalled();
    expect(listener.onCreated).not.toHaveBeenCalled();
  });
});

it('has no operation if the platform refuses it', async () => {
  operations.create.mockRejectedValue(new RemoteAccessError('forbidden'));
  const call = calls.create(TARGET, listener);
  await expect(call.place()).rejects.toMatchObject({ code: 'forbidden' });
  await call.finish('no');
  expect(await call.operationCreated).toBeUndefined();
  expect(operations.failUnfinished).not.toHaveBeenCalled();
});

it.each([
  ['PENDING', 'The gateway "Press" did not answer within 30 s. It may be offline.'],
  ['EXECUTING', 'The gateway "Press" took the operation but did not connect within 30 s.'],
] as const)('reports a gateway that is late, with its operation %s', async (status, message) => {
  jest.useFakeTimers();
  const call = calls.create(TARGET, listener);
  await call.place();
  report({ status });
  jest.advanceTimersByTime(30_000);
  expect(listener.onFailed.mock.calls).toMatchObject([[{ code: 'gateway-timeout', message }]]);
  call.release();
});

it('reports that the agent has received the operation, and that it failed', async () => {
  const call = calls.create(TARGET, listener);
  await call.place();
  report({ status: 'EXECUTING' });
  expect(listener.onDelivered).toHaveBeenCalledTimes(1);
  report({ status: 'FAILED', failureReason: 'connection refused' });
  expect(listener.onFailed.mock.calls).toMatchObject([[{ code: 'gateway-refused' }]]);
  call.release();
});

it('withdraws the key and stops watching when it is released', async () => {
  const call = calls.create(TARGET, listener);
  await call.place();
  call.release();
  expect(calls.claim(key())).toBeUndefined();
  expect(stopWatch).toHaveBeenCalledTimes(1);
});

it('is not watched if it is released while the operation is being created', async () => {
  let created!: (id: string) => void;
  operations.create.mockReturnValue(new Promise(resolve => (created = resolve)));
  const call = calls.create(TARGET, listener);
  const placed = call.place();
  await new Promise(setImmediate);
  expect(operations.create).toHaveBeenCalledTimes(1);
  call.release();
  created('4711');
  await placed;
  expect(listener.onCreated).not.toHaveBeenCalled();
  await call.finish('The client left.');
  expect(operations.failUnfinished.mock.calls).toEqual([['t1', '4711', 'The client left.']]);
});

describe('a gateway that has connected', () => {
  let server: Server;
  let gateway: WebSocket;
  let near: FramedConnection;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const upgrade = once(server, 'upgrade') as Promise<[IncomingMessage, Duplex, Buffer]>;
    gateway = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    near = acceptHandshake(...(await upgrade), []);
    await once(gateway, 'open');
  });
  afterEach(async () => {
    gateway.terminate();
    near.terminate();
    await new Promise(resolve => server.close(resolve));
  });

  it('is handed to the owner, and its reports count until the first byte', async () => {
    const call = calls.create(TARGET, listener);
    await call.place();
    call.connected(near);
    expect(listener.onConnected.mock.calls).toEqual([[call.deviceSide]]);
    report({ status: 'EXECUTING' });
    expect(listener.onDelivered).not.toHaveBeenCalled();
    expect(stopWatch).not.toHaveBeenCalled();
    const byte = new Promise<void>(resolve => near.once('message', () => resolve()));
    gateway.send(Buffer.from('x'));
    await byte;
    expect(listener.onFirstByte).toHaveBeenCalledTimes(1);
    expect(stopWatch).toHaveBeenCalledTimes(1);
    await call.finish('unused');
    expect(operations.failUnfinishedLater).toHaveBeenCalledTimes(1);
    expect(operations.failUnfinished).not.toHaveBeenCalled();
  });

  it('is closed with the owner’s code if the call was released in the meantime', async () => {
    const call = calls.create(TARGET, listener);
    await call.place();
    expect(calls.claim(key())).toBe(call);
    call.release();
    call.connected(near);
    expect(listener.onConnected).not.toHaveBeenCalled();
    const [code] = (await once(gateway, 'close')) as [number];
    expect(code).toBe(1001);
  });

  it('violates the protocol with an unknown text', async () => {
    const call = calls.create(TARGET, listener);
    await call.place();
    call.connected(near);
    const text = new Promise<void>(resolve => near.once('message', () => resolve()));
    gateway.send('hello');
    await text;
    expect(listener.onFailed.mock.calls).toMatchObject([[{ code: 'gateway-protocol' }]]);
    call.release();
  });

  it('may report late why it ended without sending a byte', async () => {
    const call = calls.create(TARGET, listener);
    await call.place();
    call.connected(near);
    operations.read
      .mockResolvedValueOnce({ status: 'EXECUTING' })
      .mockResolvedValueOnce({ status: 'FAILED', failureReason: 'no route to host' });
    expect(await call.silentEnd()).toMatchObject({ code: 'gateway-refused' });
    call.release();
  });
});
